internal import CPenstockProto
package import Events
internal import MarketData

/// A frame of a `Session`.
package enum ClientFrame: Equatable, Sendable {
  /// A `PublishRequest` of a frame in which it stands more than once, or beside others; a single one is read in place, by `publishRange`.
  case publish([UInt8])
  case subscribe(SubscriptionRequest)
  case unsubscribe
  case watchMetrics(intervalMillis: UInt32)
  case stopMetrics
  case ping(token: UInt64)
  /// No field that this server knows.
  case unknown
}

/// Reads the requests that come seldom, by protobuf-c. One for each event loop; not thread-safe.
package final class RequestDecoder {
  private let arena: Arena
  private let limit: Int

  package init(arenaBytes: Int = 64 << 20) {
    limit = arenaBytes
    arena = Arena(capacity: arenaBytes)
  }

  package func subscribe(_ message: RawSpan) throws(DecodeError) -> SubscriptionRequest {
    try unpack(message, "SubscribeRequest", penstock__v1__subscribe_request__unpack) { Self.request($0.pointee) }
  }

  package func watchMetrics(_ message: RawSpan) throws(DecodeError) -> UInt32 {
    try unpack(message, "WatchMetricsRequest", penstock__v1__watch_metrics_request__unpack) { $0.pointee.interval_ms }
  }

  /// Symbols that are no UTF-8 come out with replacement characters: no symbol of the server has one.
  package func symbolState(_ message: RawSpan) throws(DecodeError) -> [String] {
    try unpack(message, "GetSymbolStateRequest", penstock__v1__get_symbol_state_request__unpack) { request in
      (0..<request.pointee.n_symbols).map { swiftText(request.pointee.symbols[$0]) }
    }
  }

  /// The channel that a request names: all such requests have the name in field 1 and nothing else.
  package func channelName(_ message: RawSpan) throws(DecodeError) -> String {
    try unpack(message, "GetChannelRequest", penstock__v1__get_channel_request__unpack) { request in
      swiftText(request.pointee.name)
    }
  }

  /// Whether the bytes are protobuf at all, for requests without fields.
  package func empty(_ message: RawSpan) throws(DecodeError) {
    try unpack(message, "GetMetricsRequest", penstock__v1__get_metrics_request__unpack) { _ in }
  }

  /// Where the one `PublishRequest` of a session's frame lies; nil where the frame is another, or holds several that would be merged.
  package func publishRange(_ frame: RawSpan) -> Range<Int>? { innerRange(of: 1, frame) }

  /// Where the only message of a frame's oneof lies, if it is field `wanted` and stands there once.
  func innerRange(of wanted: UInt64, _ frame: RawSpan) -> Range<Int>? {
    frame.withUnsafeBytes { bytes in
      var reader = WireReader(bytes)
      var range: Range<Int>?
      while !reader.isAtEnd {
        guard let (number, value) = reader.field() else { return nil }
        switch (number, value) {
        case (wanted, .bytes(let request)) where range == nil:
          let end = bytes.count - reader.remaining
          range = end - request.remaining..<end
        case (1...6, _):
          return nil
        default:
          break
        }
      }
      return range
    }
  }

  package func clientFrame(_ message: RawSpan) throws(DecodeError) -> ClientFrame {
    let merged = message.withUnsafeBytes { OneofParts.merged($0, members: 1...6) ?? Array($0) }
    if let range = publishRange(merged.span.bytes) { return .publish(Array(merged[range])) }
    return try singleFrame(merged.span.bytes)
  }

  private func singleFrame(_ message: RawSpan) throws(DecodeError) -> ClientFrame {
    try unpack(message, "ClientFrame", penstock__v1__client_frame__unpack) { frame in
      switch frame.pointee.frame_case {
      case PENSTOCK__V1__CLIENT_FRAME__FRAME_SUBSCRIBE: .subscribe(Self.request(frame.pointee.subscribe.pointee))
      case PENSTOCK__V1__CLIENT_FRAME__FRAME_UNSUBSCRIBE: .unsubscribe
      case PENSTOCK__V1__CLIENT_FRAME__FRAME_WATCH_METRICS:
        .watchMetrics(intervalMillis: frame.pointee.watch_metrics.pointee.interval_ms)
      case PENSTOCK__V1__CLIENT_FRAME__FRAME_STOP_METRICS: .stopMetrics
      case PENSTOCK__V1__CLIENT_FRAME__FRAME_PING: .ping(token: frame.pointee.ping.pointee.token)
      default: .unknown
      }
    }
  }

  func unpack<Message, R>(
    _ message: RawSpan, _ name: String,
    _ function: (UnsafeMutablePointer<ProtobufCAllocator>?, Int, UnsafePointer<UInt8>?) -> UnsafeMutablePointer<
      Message
    >?,
    _ body: (UnsafeMutablePointer<Message>) -> R
  ) throws(DecodeError) -> R {
    arena.reset()
    let result = message.withUnsafeBytes { bytes in arena.unpack(bytes, by: function).map(body) }
    guard let result else {
      throw arena.isExhausted ? .arenaExhausted(limit: limit) : .malformed("\(message.byteCount) bytes are no \(name)")
    }
    return result
  }

  private static func request(_ message: Penstock__V1__SubscribeRequest) -> SubscriptionRequest {
    var request = SubscriptionRequest()
    request.symbols = (0..<message.n_symbols).map { swiftText(message.symbols[$0]) }
    request.types = (0..<message.n_types).map { Int32(bitPattern: message.types[$0].rawValue) }
    request.channels = (0..<message.n_channels).map { swiftText(message.channels[$0]) }
    request.minSignificance = message.min_significance
    switch message.start_case {
    case PENSTOCK__V1__SUBSCRIBE_REQUEST__START_FROM_SEQUENCE: request.start = .sequence(message.from_sequence)
    case PENSTOCK__V1__SUBSCRIBE_REQUEST__START_FROM_TIME_NS: request.start = .time(UnixNanos(message.from_time_ns))
    default: request.start = .now
    }
    request.slowConsumer = Int32(bitPattern: message.slow_consumer.rawValue)
    request.maxQueue = message.max_queue
    request.heartbeatMillis = message.heartbeat_ms
    request.directions = (0..<message.n_directions).map { Int32(bitPattern: message.directions[$0].rawValue) }
    request.sessions = (0..<message.n_sessions).map { Int32(bitPattern: message.sessions[$0].rawValue) }
    request.endWhenCaughtUp = message.end_when_caught_up != 0
    request.logID = swiftText(message.log_id)
    request.subscriptionID = swiftText(message.subscription_id)
    return request
  }
}
