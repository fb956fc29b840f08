internal import LockFree
internal import Synchronization

/// One channel's counters. The worker writes all but `received` and `dropped`, which every event loop steps once a run; any thread reads.
final class ChannelMeters: Sendable {
  let received = Atomic<UInt64>(0)
  let dropped = Atomic<UInt64>(0)
  let processed = SingleWriterCounter()
  /// Handed to a sibling unprocessed, which counts them as received.
  let failed = SingleWriterCounter()
  let late = SingleWriterCounter()
  let events = SingleWriterCounter()
  let batches = SingleWriterCounter()
  let quarantined = SingleWriterCounter()
  let outOfSession = SingleWriterCounter()
  let revised = SingleWriterCounter()
  let stale = SingleWriterCounter()
  let lowConfidence = SingleWriterCounter()
  let highWater = SingleWriterCounter()
  let symbols = SingleWriterCounter()
  let breakerOpens = SingleWriterCounter()
  let failovers = SingleWriterCounter()
  let restarts = SingleWriterCounter()
  /// Accepted to picked up.
  let queueLatency = LatencyHistogram()
  /// Picked up to done, for each item.
  let processingLatency = LatencyHistogram()

  func read(into snapshot: inout ChannelMetricsSnapshot) {
    snapshot.processed = processed.count
    snapshot.failed = failed.count
    snapshot.late = late.count
    snapshot.dropped = dropped.load(ordering: .relaxed)
    snapshot.quarantined = quarantined.count
    snapshot.outOfSession = outOfSession.count
    snapshot.revised = revised.count
    snapshot.stale = stale.count
    snapshot.lowConfidence = lowConfidence.count
    snapshot.events = events.count
    snapshot.batches = batches.count
    snapshot.breakerOpens = breakerOpens.count
    snapshot.failovers = failovers.count
    snapshot.restarts = restarts.count
    snapshot.symbols = symbols.count
    snapshot.queueLatency = queueLatency.summary
    snapshot.processingLatency = processingLatency.summary
  }

  /// Sums over a batch's items, or over part of a batch: counters are stepped once a batch.
  struct Batch {
    var items = 0
    var late = 0
    var quarantined = 0
    var outOfSession = 0
    var revised = 0
    var stale = 0
    var lowConfidence = 0
    var events = 0
  }

  func add(_ batch: Batch) {
    processed.add(UInt64(batch.items - batch.late))
    late.add(UInt64(batch.late))
    quarantined.add(UInt64(batch.quarantined))
    outOfSession.add(UInt64(batch.outOfSession))
    revised.add(UInt64(batch.revised))
    stale.add(UInt64(batch.stale))
    lowConfidence.add(UInt64(batch.lowConfidence))
    events.add(UInt64(batch.events))
  }
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
