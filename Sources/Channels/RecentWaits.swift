internal import LockFree
internal import MarketData

/// How long items have waited during the last ten to twenty seconds: a bad past is forgiven.
struct RecentWaits: Sendable {
  private static let windowNanos: Int64 = 10_000_000_000

  private var older: [UInt64] = []
  private var newer: [UInt64] = []
  private var turned: MonotonicNanos?

  init() {}

  /// The 99th percentile, in nanoseconds.
  mutating func p99(of histogram: LatencyHistogram, at time: MonotonicNanos) -> Int64 {
    if turned.map({ time.nanoseconds &- $0.nanoseconds >= Self.windowNanos }) ?? true {
      let counts = histogram.counts
      older = turned == nil ? counts.map { _ in 0 } : newer
      newer = counts
      turned = time
    }
    return Int64(clamping: histogram.p99(since: older))
  }
}
