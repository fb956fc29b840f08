internal import LockFree
internal import MarketData

/// How long items have waited during the last ten to twenty seconds: a bad past is forgiven.
///
/// - Cost: O(1) where nothing was recorded since the last look, as on an idle channel; else a walk through the histogram's buckets.
struct RecentWaits: Sendable {
  private static let windowNanos: Int64 = 10_000_000_000

  private var older: [UInt64] = []
  private var newer: [UInt64] = []
  private var turned: MonotonicNanos?
  /// How many waits had been recorded at the turn before the last one, at the last one, and at the last look.
  private var recordedBefore: UInt64 = 0
  private var recordedAtTurn: UInt64 = 0
  private var recordedAtLook: UInt64?
  private var p99: Int64 = 0

  init() {}

  /// The 99th percentile, in nanoseconds.
  /// - Parameter recorded: how many waits the histogram holds, or a little fewer while its writer is about to count them.
  mutating func p99(of histogram: LatencyHistogram, recorded: UInt64, at time: MonotonicNanos) -> Int64 {
    let turns = turned.map { time.nanoseconds &- $0.nanoseconds >= Self.windowNanos } ?? true
    guard turns || recorded != recordedAtLook else { return p99 }
    recordedAtLook = recorded
    if turns {
      older = newer
      recordedBefore = recordedAtTurn
      if turned == nil || recorded != recordedAtTurn { newer = histogram.counts }
      recordedAtTurn = recorded
      turned = time
    }
    p99 = recorded == recordedBefore ? 0 : Int64(clamping: histogram.p99(since: older))
    return p99
  }
}
