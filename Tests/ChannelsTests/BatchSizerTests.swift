import Channels
import MarketData
import Testing

@Suite struct BatchSizerTests {
  @Test func batchSizesGrowUnderLoadAndShrinkWhenIdle() {
    var sizer = BatchSizer(strategy: .adaptive, maxBatch: 256)
    var limits: [Int] = []
    for count in [32, 64, 128, 256, 256, 10, 10, 10, 10, 10] {
      limits.append(sizer.limit)
      sizer.took(count)
    }
    #expect(limits == [32, 64, 128, 256, 256, 256, 128, 64, 32, 32])
    var immediate = BatchSizer(strategy: .immediate, maxBatch: 256)
    immediate.took(1)
    #expect(immediate.limit == 256)
  }

  private func decide(_ sizer: inout BatchSizer, ready: Int, at nanos: Int64, isEnding: Bool = false)
    -> BatchSizer.Decision
  {
    sizer.decide(ready: ready, isEnding: isEnding, now: { MonotonicNanos(nanos) })
  }

  @Test func whatDoesNotWaitAsksForNoTime() {
    for strategy in [BatchingStrategy.immediate, .adaptive] {
      var sizer = BatchSizer(strategy: strategy, maxBatch: 64, maxWaitNanos: 1_000)
      let decision = sizer.decide(
        ready: 3, isEnding: false,
        now: {
          Issue.record("the clock was read")
          return MonotonicNanos(0)
        })
      #expect(decision == .take(3))
    }
  }

  @Test(arguments: [BatchingStrategy.size, .time])
  func anItemWaitsForItsBatchUntilTheLongestTime(strategy: BatchingStrategy) {
    var sizer = BatchSizer(strategy: strategy, maxBatch: 8, maxWaitNanos: 1_000)
    #expect(decide(&sizer, ready: 0, at: 5) == .take(0))
    #expect(decide(&sizer, ready: 1, at: 100) == .wait(atLeast: 8, nanos: 1_000))
    #expect(decide(&sizer, ready: 3, at: 700) == .wait(atLeast: 8, nanos: 400))
    #expect(decide(&sizer, ready: 4, at: 1_100) == .take(4))
    // The next one begins anew.
    #expect(decide(&sizer, ready: 1, at: 1_200) == .wait(atLeast: 8, nanos: 1_000))
    #expect(decide(&sizer, ready: 8, at: 1_300) == .take(8))
    // Of `time`, whose batches follow each other here, the interval has ended without an item.
    #expect(sizer.pause(now: { MonotonicNanos(4_000) }) == nil)
    #expect(decide(&sizer, ready: 2, at: 5_000) == .wait(atLeast: 8, nanos: 1_000))
  }

  /// A wake-up a batch: where batches follow each other, the interval begins with the batch before, and no first item need wake the worker.
  @Test func intervalsFollowEachOtherWhileItemsCome() {
    var sizer = BatchSizer(strategy: .time, maxBatch: 8, maxWaitNanos: 1_000)
    func pause(at nanos: Int64) -> Int64? { sizer.pause(now: { MonotonicNanos(nanos) }) }
    #expect(pause(at: 0) == nil)
    #expect(decide(&sizer, ready: 1, at: 100) == .wait(atLeast: 8, nanos: 1_000))
    #expect(decide(&sizer, ready: 3, at: 1_100) == .take(3))
    // One batch is no flow yet.
    #expect(pause(at: 1_110) == nil)
    #expect(decide(&sizer, ready: 1, at: 1_200) == .wait(atLeast: 8, nanos: 1_000))
    #expect(decide(&sizer, ready: 5, at: 2_200) == .take(5))
    #expect(pause(at: 2_250) == 950)
    // Something else has woken the worker.
    #expect(decide(&sizer, ready: 2, at: 2_700) == .wait(atLeast: 8, nanos: 500))
    #expect(decide(&sizer, ready: 4, at: 3_200) == .take(4))
    #expect(pause(at: 3_200) == 1_000)
    // A full batch begins the next interval too.
    #expect(decide(&sizer, ready: 8, at: 3_600) == .take(8))
    #expect(pause(at: 3_700) == 900)
    // Nothing has come: the next first item wakes the worker, and waits for its batch.
    #expect(pause(at: 4_600) == nil)
    #expect(decide(&sizer, ready: 1, at: 9_000) == .wait(atLeast: 8, nanos: 1_000))
    #expect(decide(&sizer, ready: 1, at: 10_000) == .take(1))
    #expect(pause(at: 10_000) == nil)
  }

  @Test(arguments: [BatchingStrategy.size, .immediate, .adaptive])
  func noOtherStrategyPauses(strategy: BatchingStrategy) {
    var sizer = BatchSizer(strategy: strategy, maxBatch: 2, maxWaitNanos: 1_000)
    for time in 0..<5 as Range<Int64> {
      #expect(decide(&sizer, ready: 2, at: time) == .take(2))
      #expect(sizer.pause(now: { MonotonicNanos(time) }) == nil)
    }
  }

  @Test func theEndWaitsForNothing() {
    var sizer = BatchSizer(strategy: .size, maxBatch: 8, maxWaitNanos: 1_000_000_000)
    #expect(decide(&sizer, ready: 1, at: 0) == .wait(atLeast: 8, nanos: 1_000_000_000))
    #expect(decide(&sizer, ready: 1, at: 1, isEnding: true) == .take(1))
  }
}
