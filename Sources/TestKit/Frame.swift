/// One HTTP/2 frame, exactly as it goes over the wire (RFC 9113 §4.1).
package struct Frame: Equatable, Sendable, CustomStringConvertible {
  package enum Kind {
    package static let data: UInt8 = 0
    package static let headers: UInt8 = 1
    package static let priority: UInt8 = 2
    package static let reset: UInt8 = 3
    package static let settings: UInt8 = 4
    package static let ping: UInt8 = 6
    package static let goAway: UInt8 = 7
    package static let windowUpdate: UInt8 = 8
    package static let continuation: UInt8 = 9
  }

  package enum Flag {
    package static let endStream: UInt8 = 1
    package static let ack: UInt8 = 1
    package static let endHeaders: UInt8 = 4
    package static let padded: UInt8 = 8
  }

  package var kind: UInt8
  package var flags: UInt8
  package var stream: UInt32
  package var payload: [UInt8]

  package init(_ kind: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) {
    self.kind = kind
    self.flags = flags
    self.stream = stream
    self.payload = payload
  }

  package static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  package static func settings(_ values: [(UInt16, UInt32)] = []) -> Frame {
    Frame(Kind.settings, values.flatMap { $0.0.bigEndianBytes + $0.1.bigEndianBytes })
  }

  package static let settingsAck = Frame(Kind.settings, flags: Flag.ack)

  package static func headers(_ stream: UInt32, _ fields: [(String, String)], endStream: Bool = false) -> Frame {
    Frame(
      Kind.headers, flags: Flag.endHeaders | (endStream ? Flag.endStream : 0), stream: stream,
      fields.flatMap { literal($0.0, $0.1) })
  }

  package static func data(_ stream: UInt32, _ bytes: [UInt8], endStream: Bool = false) -> Frame {
    Frame(Kind.data, flags: endStream ? Flag.endStream : 0, stream: stream, bytes)
  }

  package static func ping(_ token: UInt64 = 0) -> Frame { Frame(Kind.ping, token.bigEndianBytes) }

  package static func reset(_ stream: UInt32, _ code: UInt32) -> Frame {
    Frame(Kind.reset, stream: stream, code.bigEndianBytes)
  }

  package static func windowUpdate(_ stream: UInt32, _ size: UInt32) -> Frame {
    Frame(Kind.windowUpdate, stream: stream, size.bigEndianBytes)
  }

  package static func goAway(last: UInt32, code: UInt32 = 0) -> Frame {
    Frame(Kind.goAway, last.bigEndianBytes + code.bigEndianBytes)
  }

  package var bytes: [UInt8] {
    Array(UInt32(payload.count).bigEndianBytes.dropFirst()) + [kind, flags] + stream.bigEndianBytes + payload
  }

  package var endsStream: Bool { (kind == Kind.data || kind == Kind.headers) && flags & Flag.endStream != 0 }

  /// RST_STREAM's, GOAWAY's or WINDOW_UPDATE's number.
  package var number: UInt32 {
    payload.dropFirst(kind == Kind.goAway ? 4 : 0).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  package var description: String { "[\(kind) flags \(flags) stream \(stream): \(payload.count) bytes]" }

  /// Cuts bytes into frames; a torn last one is left out.
  package static func parse(_ bytes: [UInt8]) -> [Frame] {
    var frames: [Frame] = []
    var rest = bytes[...]
    while rest.count >= 9 {
      let head = Array(rest.prefix(9))
      let size = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
      guard rest.count >= 9 + size else { break }
      let stream = head[5...8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      frames.append(Frame(head[3], flags: head[4], stream: stream, Array(rest.dropFirst(9).prefix(size))))
      rest = rest.dropFirst(9 + size)
    }
    return frames
  }

  /// A field without indexing or Huffman coding (RFC 7541 §6.2.2).
  package static func literal(_ name: String, _ value: String) -> [UInt8] {
    [0] + length(name.utf8.count) + Array(name.utf8) + length(value.utf8.count) + Array(value.utf8)
  }

  private static func length(_ count: Int) -> [UInt8] {
    if count < 127 { return [UInt8(count)] }
    var bytes: [UInt8] = [127]
    var rest = count - 127
    while rest >= 128 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}

extension FixedWidthInteger {
  /// Network order.
  package var bigEndianBytes: [UInt8] {
    (0..<Self.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) }
  }
}

/// A gRPC message as it lies in DATA: flag, length, bytes.
package func framed(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] {
  [flag] + UInt32(message.count).bigEndianBytes + message
}
