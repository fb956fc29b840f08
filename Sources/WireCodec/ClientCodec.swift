internal import CPenstockProto
internal import Channels
package import Events
package import MarketData

/// One tick as a client sends it.
package struct ClientTick: Equatable, Sendable {
  package var symbol: String
  package var timestampNanos: Int64
  package var price: Double
  package var size: Double
  package var conditions: UInt32

  package init(symbol: String, timestampNanos: Int64, price: Double, size: Double, conditions: UInt32 = 0) {
    self.symbol = symbol
    self.timestampNanos = timestampNanos
    self.price = price
    self.size = size
    self.conditions = conditions
  }
}

/// Writes requests as clients send them.
package enum ClientRequests {
  package static func publish(_ tick: ClientTick, sequence: UInt64) -> [UInt8] {
    var writer = WireWriter(reserving: 64)
    writer.unsigned(1, sequence)
    writer.message(2) { encode(tick, &$0) }
    return writer.bytes
  }

  package static func publish(batch: some Sequence<ClientTick>, sequence: UInt64) -> [UInt8] {
    var writer = WireWriter()
    writer.unsigned(1, sequence)
    writer.message(5) { inner in
      for tick in batch { inner.message(1) { encode(tick, &$0) } }
    }
    return writer.bytes
  }

  package static func publish(columns ticks: some Collection<ClientTick>, sequence: UInt64) -> [UInt8] {
    var writer = WireWriter()
    writer.unsigned(1, sequence)
    var numbers: [String: UInt64] = [:]
    var names: [String] = []
    var indices = WireWriter()
    for tick in ticks {
      let number = numbers[tick.symbol] ?? UInt64(names.count)
      if Int(number) == names.count {
        numbers[tick.symbol] = number
        names.append(tick.symbol)
      }
      indices.varint(number)
    }
    writer.message(8) { inner in
      for name in names { inner.alwaysText(1, name) }
      inner.raw(2, indices.bytes)
      inner.raw(3, fixed(ticks.lazy.map { UInt64(bitPattern: $0.timestampNanos) }))
      inner.raw(4, fixed(ticks.lazy.map(\.price.bitPattern)))
      inner.raw(5, fixed(ticks.lazy.map(\.size.bitPattern)))
      guard ticks.contains(where: { $0.conditions != 0 }) else { return }
      var conditions = WireWriter()
      for tick in ticks { conditions.varint(UInt64(tick.conditions)) }
      inner.raw(6, conditions.bytes)
    }
    return writer.bytes
  }

  package static func subscribe(_ request: SubscriptionRequest) -> [UInt8] {
    var writer = WireWriter()
    for symbol in request.symbols { writer.alwaysText(1, symbol) }
    writer.packed(2, request.types)
    for channel in request.channels { writer.alwaysText(3, channel) }
    writer.double(4, request.minSignificance)
    switch request.start {
    case .now: break
    case .sequence(let sequence):
      writer.varint(5 << 3)
      writer.varint(sequence)
    case .time(let time): writer.alwaysFixed(6, UInt64(bitPattern: time.nanoseconds))
    }
    writer.unsigned(7, UInt64(UInt32(bitPattern: request.slowConsumer)))
    writer.unsigned(8, UInt64(request.maxQueue))
    writer.unsigned(9, UInt64(request.heartbeatMillis))
    writer.packed(10, request.directions)
    writer.packed(11, request.sessions)
    writer.boolean(12, request.endWhenCaughtUp)
    writer.text(13, request.logID)
    writer.text(14, request.subscriptionID)
    return writer.bytes
  }

  private static func encode(_ tick: ClientTick, _ writer: inout WireWriter) {
    writer.text(1, tick.symbol)
    writer.fixed(2, tick.timestampNanos)
    writer.double(3, tick.price)
    writer.double(4, tick.size)
    writer.unsigned(5, UInt64(tick.conditions))
  }

  private static func fixed(_ values: some Sequence<UInt64>) -> [UInt8] {
    var bytes: [UInt8] = []
    for value in values { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
    return bytes
  }
}

extension WireWriter {
  fileprivate mutating func packed(_ number: Int, _ values: [Int32]) {
    guard !values.isEmpty else { return }
    var inner = WireWriter()
    for value in values { inner.varint(UInt64(bitPattern: Int64(value))) }
    raw(number, inner.bytes)
  }
}

/// An event as a client reads it.
package struct ReceivedEvent: Equatable, Sendable {
  package var sequence: UInt64
  package var id: String
  /// The wire's names without prefix.
  package var type: String
  package var direction: String
  package var session: String
  package var symbol: String
  package var channel: String
  package var timestampNanos: Int64
  package var receivedNanos: Int64
  package var sequencedNanos: Int64
  package var price: Double
  package var size: Double
  package var significance: Double
  /// The whole event as one line of JSON.
  package var json: String
}

/// One `SubscribeResponse` as a client reads it.
package enum ReceivedResponse: Equatable, Sendable {
  case events([ReceivedEvent])
  case missed(first: UInt64, last: UInt64, reason: String)
  case heartbeat(last: UInt64, serverTime: UnixNanos, watermark: UnixNanos, logID: String)
  case caughtUp(last: UInt64, logID: String)
  case unknown
}

/// Reads responses, by protobuf-c. One for each event loop; not thread-safe.
package final class ResponseDecoder {
  private let arena: Arena

  /// - Parameter arenaBytes: memory that one message may take.
  package init(arenaBytes: Int = 256 << 20) { arena = Arena(capacity: arenaBytes) }

  package func acknowledgement(_ message: RawSpan) -> Acknowledgement? {
    unpack(message, penstock__v1__publish_response__unpack) { Acknowledgement($0.pointee) }
  }

  /// - Parameter withJSON: whether each event's `json` is wanted; it costs more than the rest.
  package func subscribeResponse(_ message: RawSpan, withJSON: Bool = false) -> ReceivedResponse? {
    unpack(message, penstock__v1__subscribe_response__unpack) { response in
      switch response.pointee.response_case {
      case PENSTOCK__V1__SUBSCRIBE_RESPONSE__RESPONSE_EVENTS:
        let batch = response.pointee.events.pointee
        return .events((0..<batch.n_events).compactMap { batch.events[$0].map { Self.event($0, withJSON) } })
      case PENSTOCK__V1__SUBSCRIBE_RESPONSE__RESPONSE_MISSED:
        let missed = response.pointee.missed.pointee
        return .missed(
          first: missed.first_sequence, last: missed.last_sequence, reason: Self.reason(missed.reason.rawValue))
      case PENSTOCK__V1__SUBSCRIBE_RESPONSE__RESPONSE_HEARTBEAT:
        let heartbeat = response.pointee.heartbeat.pointee
        return .heartbeat(
          last: heartbeat.last_sequence, serverTime: UnixNanos(heartbeat.server_time_ns),
          watermark: UnixNanos(heartbeat.watermark_ns), logID: swiftText(heartbeat.log_id))
      case PENSTOCK__V1__SUBSCRIBE_RESPONSE__RESPONSE_CAUGHT_UP:
        let caughtUp = response.pointee.caught_up.pointee
        return .caughtUp(last: caughtUp.last_sequence, logID: swiftText(caughtUp.log_id))
      default: return .unknown
      }
    }
  }

  /// The server's part of a `GetMetricsResponse`.
  package func serverMetrics(_ message: RawSpan) -> ServerMetricsSnapshot? {
    unpack(message, penstock__v1__get_metrics_response__unpack) { response in
      response.pointee.metrics?.pointee.server.map { ServerMetricsSnapshot($0.pointee) } ?? ServerMetricsSnapshot()
    }
  }

  private static func event(
    _ pointer: UnsafeMutablePointer<Penstock__V1__Event>, _ withJSON: Bool
  ) -> ReceivedEvent {
    let event = pointer.pointee
    func name<E>(_ value: E?, _ text: (E) -> String) -> String { value.map(text) ?? "UNKNOWN" }
    return ReceivedEvent(
      sequence: event.sequence, id: swiftText(event.id),
      type: name(EventType(rawValue: UInt8(truncatingIfNeeded: event.type.rawValue)), \.wireName),
      direction: name(Direction(rawValue: UInt8(truncatingIfNeeded: event.direction.rawValue)), \.wireName),
      session: name(TradingSession(rawValue: UInt8(truncatingIfNeeded: event.session.rawValue)), \.wireName),
      symbol: swiftText(event.symbol), channel: swiftText(event.channel), timestampNanos: event.timestamp_ns,
      receivedNanos: event.received_ns, sequencedNanos: event.sequenced_ns, price: event.price, size: event.size,
      significance: event.significance, json: withJSON ? MessageJSON.text(of: UnsafeRawPointer(pointer)) : "")
  }

  private static func reason(_ value: UInt32) -> String {
    switch value {
    case 1: "SLOW_CONSUMER"
    case 2: "NO_LONGER_KEPT"
    case 3: "LOG_REPLACED"
    default: "UNKNOWN"
    }
  }

  func unpack<Message, R>(
    _ message: RawSpan,
    _ function: (UnsafeMutablePointer<ProtobufCAllocator>?, Int, UnsafePointer<UInt8>?) -> UnsafeMutablePointer<
      Message
    >?,
    _ body: (UnsafeMutablePointer<Message>) -> R
  ) -> R? {
    arena.reset()
    return message.withUnsafeBytes { bytes in arena.unpack(bytes, by: function).map(body) }
  }
}
