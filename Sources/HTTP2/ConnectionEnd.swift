/// Why a connection ends before its peer wants it to, whoever's limit it was: ours, nghttp2's or the transport's.
///
/// The raw value names the reason in metrics and in the log; it is never reused for something else.
package enum EndReason: String, CaseIterable, Sendable {
  // What a peer may do for nothing, a number an interval.
  case controlFrames = "control_frames"
  case emptyDataFrames = "empty_data_frames"
  case faultyFrames = "faulty_frames"
  /// The peer makes us answer and does not read.
  case unreadAnswers = "unread_answers"
  case continuationFrames = "continuation_frames"

  // What breaks HTTP/2's rules.
  case headerCompression = "header_compression"
  case closedStream = "closed_stream"
  case protocolError = "protocol_error"

  // What is no HTTP/2.
  case http1 = "http_1"
  case tls = "tls"
  case notHTTP2 = "not_http_2"

  /// A keepalive PING found no answer.
  case keepalive = "keepalive_timeout"
  case noMemory = "out_of_memory"
  /// nghttp2 gave a code that it does not document for the call.
  case internalError = "internal_error"

  // What the transport decides, before or behind HTTP/2.
  case maxConnections = "max_connections"
  case maxConnectionsPerAddress = "max_connections_per_address"
  case disconnected = "disconnected"

  /// What GOAWAY says; nil where nothing can be said, or the peer would not understand it.
  var code: HTTP2ErrorCode? {
    switch self {
    case .controlFrames, .emptyDataFrames, .faultyFrames, .unreadAnswers, .continuationFrames: .enhanceYourCalm
    case .headerCompression: .compressionError
    case .closedStream: .streamClosed
    case .protocolError: .protocolError
    case .internalError: .internalError
    case .http1, .tls, .notHTTP2, .keepalive, .noMemory, .maxConnections, .maxConnectionsPerAddress, .disconnected: nil
    }
  }

  /// The reason behind an error code that nghttp2 ends a connection with.
  init(nghttp2 code: UInt32) {
    switch HTTP2ErrorCode(rawValue: code) {
    case .compressionError: self = .headerCompression
    case .streamClosed: self = .closedStream
    case .enhanceYourCalm: self = .controlFrames
    case .internalError: self = .internalError
    case .noError, .protocolError, .flowControlError, .settingsTimeout, .frameSizeError, .refusedStream, .cancel,
      .connectError, .inadequateSecurity, .http11Required, nil:
      self = .protocolError
    }
  }
}

/// A connection's end: why, and in words for the peer's log and ours.
package struct ConnectionEnd: Error, Sendable, Equatable {
  package var reason: EndReason
  /// GOAWAY's debug data; short.
  package var text: String
  /// Where nghttp2's own code is finer than the reason's.
  var code: HTTP2ErrorCode?

  package init(_ reason: EndReason, _ text: String, code: HTTP2ErrorCode? = nil) {
    self.reason = reason
    self.text = text
    self.code = code ?? reason.code
  }

  /// GOAWAY as it goes over the wire; nil where the end is silent.
  func goAway(lastStream: Int32) -> [UInt8]? {
    guard let code else { return nil }
    let debug = Array(text.utf8.prefix(1_024))
    return FrameBytes.header(length: 8 + debug.count, kind: FrameBytes.goAway)
      + FrameBytes.bigEndian(UInt32(bitPattern: lastStream)) + FrameBytes.bigEndian(code.rawValue) + debug
  }
}

/// The few frames that are written without nghttp2 (RFC 9113 §4.1).
enum FrameBytes {
  static let headerBytes = 9
  static let data: UInt8 = 0
  static let headers: UInt8 = 1
  static let reset: UInt8 = 3
  static let settings: UInt8 = 4
  static let ping: UInt8 = 6
  static let goAway: UInt8 = 7
  static let windowUpdate: UInt8 = 8
  static let ack: UInt8 = 1
  static let endStream: UInt8 = 1

  static func header(length: Int, kind: UInt8, flags: UInt8 = 0) -> [UInt8] {
    Array(bigEndian(UInt32(length)).dropFirst()) + [kind, flags, 0, 0, 0, 0]  // of the connection: stream 0
  }

  static func bigEndian(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
  }
}
