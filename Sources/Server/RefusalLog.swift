internal import Logging
internal import MarketData

/// Why the server turns clients away, or ends their connections.
enum RefusalCause: Int, CaseIterable {
  case connections
  case publishStreams
  case subscribers
  /// More frames than a client may send for nothing.
  case floods

  func line(_ count: UInt64, total: UInt64) -> String {
    func limit(_ key: String) -> String { "limits.\(key) is reached: \(count) refused, \(total) since the start" }
    return switch self {
    case .connections: limit("max_connections")
    case .publishStreams: limit("max_publish_streams")
    case .subscribers: limit("max_subscribers")
    case .floods: "connections ended for a flood of frames: \(count), \(total) since the start"
    }
  }
}

/// Tells whoever reads the log that clients are turned away: a line for each cause, once a second at most, with how many since the last.
struct RefusalLog {
  private static let intervalNanos: Int64 = 1_000_000_000

  private let logger: Logger
  private var told = [UInt64](repeating: 0, count: RefusalCause.allCases.count)
  private var lastTold: [MonotonicNanos?] = Array(repeating: nil, count: RefusalCause.allCases.count)

  init(logger: Logger = Logger(label: "penstock.limits")) { self.logger = logger }

  /// - Parameter count: how often since the start; never falling.
  mutating func look(at time: MonotonicNanos, count: (RefusalCause) -> UInt64) {
    for cause in RefusalCause.allCases {
      let index = cause.rawValue
      let total = count(cause)
      guard total > told[index] else { continue }
      if let last = lastTold[index], time.nanoseconds &- last.nanoseconds < Self.intervalNanos { continue }
      logger.warning("\(cause.line(total - told[index], total: total))")
      told[index] = total
      lastTold[index] = time
    }
  }
}
