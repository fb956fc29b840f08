import LockFree
import MarketData
import Testing

@testable import Channels

/// What idle channels' health and watermark are not computed for.
@Suite struct HealthWatchTests {
  private static let second: Int64 = 1_000_000_000

  /// 10 ms waits up to the 5th second, 1 ms waits later: the past is in the figure for ten to twenty seconds.
  @Test func recentWaitsForgetThePast() {
    var waits = RecentWaits()
    let histogram = LatencyHistogram()
    var recorded: UInt64 = 0
    func look(at second: Int64) -> Int64 {
      waits.p99(of: histogram, recorded: recorded, at: MonotonicNanos(second * Self.second))
    }
    func isNear(_ value: Int64, _ millis: Double) -> Bool {
      Double(value) >= millis * 1_000_000 && Double(value) <= millis * 1_010_000
    }
    #expect(look(at: 0) == 0)
    for second in 1...40 as ClosedRange<Int64> {
      histogram.record(second <= 5 ? 10_000_000 : 1_000_000, count: 100)
      recorded += 100
      let found = look(at: second)
      switch second {
      case ...10: #expect(isNear(found, 10))
      case 11...19: #expect(isNear(found, 10))
      default: #expect(isNear(found, 1), "\(found) at \(second)")
      }
    }
    // And nothing at all is forgotten as well.
    for second in 41...49 as ClosedRange<Int64> { #expect(isNear(look(at: second), 1)) }
    #expect(look(at: 60) == 0)
    #expect(look(at: 61) == 0)
    histogram.record(7_000_000)
    recorded += 1
    #expect(isNear(look(at: 62), 7))
  }

  /// The walk through a histogram is made where something was recorded, or the window turns, and else not.
  @Test func aLookAtAnIdleChannelWalksThroughNothing() {
    var waits = RecentWaits()
    let histogram = LatencyHistogram()
    histogram.record(1_000)
    #expect(waits.p99(of: histogram, recorded: 1, at: MonotonicNanos(0)) > 0)
    // Were it walked through again, this would be found.
    histogram.record(9_000_000_000, count: 100)
    #expect(waits.p99(of: histogram, recorded: 1, at: MonotonicNanos(1)) < 2_000)
    #expect(waits.p99(of: histogram, recorded: 101, at: MonotonicNanos(2)) > 2_000)
  }

  @Test func theSequencersWatermarkIsMadeAnewEveryTwentyMilliseconds() {
    let recent = RecentWatermark()
    var walks = 0
    func read(at millis: Int64) -> UnixNanos {
      recent.read(at: MonotonicNanos(millis * 1_000_000)) {
        walks += 1
        return UnixNanos(millis)
      }
    }
    #expect((0..<60).map { read(at: $0).nanoseconds } == (0..<60).map { $0 / 20 * 20 })
    #expect(walks == 3)
  }
}
