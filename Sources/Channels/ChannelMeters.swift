internal import LockFree
internal import Synchronization

/// What one channel counts. The worker writes, except `received`, which all event loops step once a run; anyone reads.
final class ChannelMeters: Sendable {
  let received = Atomic<UInt64>(0)
  let processed = SingleWriterCounter()
  let late = SingleWriterCounter()
  let events = SingleWriterCounter()
  let batches = SingleWriterCounter()
  let quarantined = SingleWriterCounter()
  let outOfSession = SingleWriterCounter()
  let highWater = SingleWriterCounter()
  let symbols = SingleWriterCounter()
  /// Accepted to picked up.
  let queueLatency = LatencyHistogram()
  /// Picked up to done, for each item.
  let processingLatency = LatencyHistogram()
}

/// Items a second over the last full second, from a count that is looked at now and then.
struct ItemRate: Sendable {
  private var since: Int64?
  private var count: UInt64 = 0
  private(set) var perSecond = 0.0

  /// Looks at the count; the rate changes once a second has passed.
  mutating func look(at count: UInt64, nowNanos: Int64) {
    guard let since else {
      self.since = nowNanos
      self.count = count
      return
    }
    let elapsed = nowNanos &- since
    guard elapsed >= 1_000_000_000 else { return }
    perSecond = Double(count &- self.count) / (Double(elapsed) / 1e9)
    self.since = nowNanos
    self.count = count
  }
}
