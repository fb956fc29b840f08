import MarketData
import Testing

@testable import Server

@Suite struct IdleWatchTests {
  private func isIdle(_ watch: inout IdleWatch<Int>, _ progress: Int, isWaiting: Bool = true, at nanos: Int64) -> Bool {
    watch.isIdle(progress, isWaiting: isWaiting, at: MonotonicNanos(nanos))
  }

  @Test func itIsIdleOnceNothingHasMovedForTheLimit() {
    var watch = IdleWatch(limitNanos: 100, 0, at: MonotonicNanos(0))
    #expect(!isIdle(&watch, 0, at: 99))
    #expect(isIdle(&watch, 0, at: 100))
  }

  @Test func whateverMovesBeginsTheTimeAnew() {
    var watch = IdleWatch(limitNanos: 100, 0, at: MonotonicNanos(0))
    #expect(!isIdle(&watch, 1, at: 150))
    #expect(!isIdle(&watch, 1, at: 249))
    #expect(isIdle(&watch, 1, at: 250))
  }

  @Test func theTimeInWhichThisSideWorksDoesNotCount() {
    var watch = IdleWatch(limitNanos: 100, 0, at: MonotonicNanos(0))
    #expect(!isIdle(&watch, 0, isWaiting: false, at: 1_000))
    #expect(!isIdle(&watch, 0, at: 1_099))
    #expect(isIdle(&watch, 0, at: 1_100))
  }
}
