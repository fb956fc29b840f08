package import MarketData

package enum SlowConsumerPolicy: UInt8, CaseIterable, Sendable {
  case disconnect = 1
  case dropOldest = 2
  case conflate = 3
}

/// What a subscriber asks for (contract.md, `SubscribeRequest`), as it came; `validated()` judges it.
package struct SubscriptionRequest: Equatable, Sendable {
  package enum Start: Equatable, Sendable {
    case now
    case sequence(UInt64)
    case time(UnixNanos)
  }

  package var symbols: [String] = []
  /// Raw values, as they stand on the wire.
  package var types: [Int32] = []
  package var channels: [String] = []
  package var minSignificance = 0.0
  package var start = Start.now
  package var slowConsumer: Int32 = 0
  package var maxQueue: UInt32 = 0
  package var heartbeatMillis: UInt32 = 0
  package var directions: [Int32] = []
  package var sessions: [Int32] = []
  package var endWhenCaughtUp = false
  package var logID = ""
  package var subscriptionID = ""

  package init() {}

  /// One field out of its range.
  package struct Problem: Error, Equatable, Sendable, CustomStringConvertible {
    package var field: String
    package var message: String

    package var description: String { "\(field) \(message)" }
  }

  /// A request that the server accepts, with its defaults filled in.
  package struct Valid: Equatable, Sendable {
    package var request: SubscriptionRequest
    package var policy: SlowConsumerPolicy
    package var maxQueue: Int
    package var heartbeatNanos: Int64
  }

  package static let symbolsMax = 100_000
  package static let subscriptionIDBytesMax = 256

  /// - Throws: the first field out of its range, with that range.
  package func validated() throws(Problem) -> Valid {
    if symbols.count > Self.symbolsMax {
      throw Problem(field: "symbols", message: "has \(symbols.count) entries; at most 100,000 are taken")
    }
    for (index, symbol) in symbols.enumerated() {
      if let problem = SymbolRules.problem(pattern: symbol) {
        throw Problem(field: "symbols[\(index)]", message: problem)
      }
    }
    for (index, channel) in channels.enumerated() where !ChannelName.isValid(channel) {
      throw Problem(
        field: "channels[\(index)]", message: "is '\(channel.prefix(80))'; must be \(ChannelName.rule)")
    }
    try check("types", types, 1...12)
    try check("directions", directions, 1...3)
    try check("sessions", sessions, 1...5)
    guard minSignificance >= 0, minSignificance <= 100 else {
      throw Problem(field: "min_significance", message: "is \(minSignificance); must be from 0 to 100")
    }
    if case .sequence(0) = start { throw Problem(field: "from_sequence", message: "is 0; must be 1 or more") }
    guard (0...3).contains(slowConsumer) else {
      throw Problem(field: "slow_consumer", message: "is \(slowConsumer); must be from 0 to 3")
    }
    guard maxQueue <= 10_000_000 else {
      throw Problem(field: "max_queue", message: "is \(maxQueue); must be from 1 to 10,000,000, or 0 for 65,536")
    }
    guard heartbeatMillis == 0 || (100...60_000).contains(heartbeatMillis) else {
      throw Problem(field: "heartbeat_ms", message: "is \(heartbeatMillis); must be from 100 to 60,000, or 0 for 5,000")
    }
    guard subscriptionID.utf8.count <= Self.subscriptionIDBytesMax else {
      throw Problem(field: "subscription_id", message: "has \(subscriptionID.utf8.count) bytes; must have at most 256")
    }
    return Valid(
      request: self, policy: SlowConsumerPolicy(rawValue: UInt8(slowConsumer)) ?? .disconnect,
      maxQueue: maxQueue == 0 ? 65_536 : Int(maxQueue),
      heartbeatNanos: Int64(heartbeatMillis == 0 ? 5_000 : heartbeatMillis) * 1_000_000)
  }

  private func check(_ field: String, _ values: [Int32], _ range: ClosedRange<Int32>) throws(Problem) {
    for (index, value) in values.enumerated() where !range.contains(value) {
      throw Problem(
        field: "\(field)[\(index)]", message: "is \(value); must be from \(range.lowerBound) to \(range.upperBound)")
    }
  }
}
