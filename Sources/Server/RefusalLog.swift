internal import Logging
internal import MarketData

/// What the server turns away because a limit is reached.
enum RefusalCause: Int, CaseIterable {
  case connections
  case publishStreams
  case subscribers
  case floods

  var words: String {
    switch self {
    case .connections: "limits.max_connections is reached"
    case .publishStreams: "limits.max_publish_streams is reached"
    case .subscribers: "limits.max_subscribers is reached"
    case .floods: "connections flood the server with PINGs or empty frames"
    }
  }
}

/// Tells whoever reads the log that clients are turned away: a line for each limit, once a second at most, with how many since the last.
struct RefusalLog {
  private static let intervalNanos: Int64 = 1_000_000_000

  private let logger: Logger
  private var told = [UInt64](repeating: 0, count: RefusalCause.allCases.count)
  private var lastTold: [MonotonicNanos?] = Array(repeating: nil, count: RefusalCause.allCases.count)

  init(logger: Logger = Logger(label: "penstock.limits")) { self.logger = logger }

  /// - Parameter count: what a limit has turned away since the start; never falling.
  mutating func look(at time: MonotonicNanos, count: (RefusalCause) -> UInt64) {
    for cause in RefusalCause.allCases {
      let index = cause.rawValue
      let total = count(cause)
      guard total > told[index] else { continue }
      if let last = lastTold[index], time.nanoseconds &- last.nanoseconds < Self.intervalNanos { continue }
      logger.warning("\(cause.words): \(total - told[index]) refused, \(total) since the start")
      told[index] = total
      lastTold[index] = time
    }
  }
}
