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
    #expect(decide(&sizer, ready: 2, at: 5_000) == .wait(atLeast: 8, nanos: 1_000))
  }

  @Test func theEndWaitsForNothing() {
    var sizer = BatchSizer(strategy: .size, maxBatch: 8, maxWaitNanos: 1_000_000_000)
    #expect(decide(&sizer, ready: 1, at: 0) == .wait(atLeast: 8, nanos: 1_000_000_000))
    #expect(decide(&sizer, ready: 1, at: 1, isEnding: true) == .take(1))
  }
}
