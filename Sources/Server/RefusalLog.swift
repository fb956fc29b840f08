internal import Logging
internal import MarketData
internal import Transport

/// Why the server turns calls away.
enum RefusalCause: Int, CaseIterable {
  case publishStreams
  case subscribers
  /// One connection's share of a limit.
  case shares

  var key: String {
    switch self {
    case .publishStreams: "max_publish_streams"
    case .subscribers: "max_subscribers"
    case .shares: "share_pct"
    }
  }
}

/// Tells whoever reads the log that clients are turned away, or their connections ended: a line for each cause, once a second at most,
/// with how many since the last.
struct RefusalLog {
  private static let intervalNanos: Int64 = 1_000_000_000

  private struct Told {
    var total: UInt64 = 0
    var time: MonotonicNanos?
  }

  private let logger: Logger
  private var told: [String: Told] = [:]

  init(logger: Logger = Logger(label: "penstock.limits")) { self.logger = logger }

  /// - Parameter count: how often since the start; never falling.
  mutating func look(at time: MonotonicNanos, count: (RefusalCause) -> UInt64) {
    for cause in RefusalCause.allCases {
      let total = count(cause)
      guard let fresh = due(cause.key, total, at: time) else { continue }
      logger.warning("limits.\(cause.key) is reached: \(fresh) refused, \(total) since the start")
    }
  }

  mutating func look(at time: MonotonicNanos, ended: [EndedConnections.Entry]) {
    for entry in ended {
      guard let fresh = due(entry.name, entry.count, at: time) else { continue }
      logger.warning(
        """
        connections ended, \(entry.name): \(fresh), \(entry.count) since the start; \
        the last, of \(entry.lastPeer): \(entry.lastText)
        """)
    }
  }

  /// - Returns: how many are to be told now.
  private mutating func due(_ key: String, _ total: UInt64, at time: MonotonicNanos) -> UInt64? {
    let last = told[key] ?? Told()
    guard total > last.total else { return nil }
    if let before = last.time, time.nanoseconds &- before.nanoseconds < Self.intervalNanos { return nil }
    told[key] = Told(total: total, time: time)
    return total - last.total
  }
}
