import Channels
import MarketData
import TestKit
import Testing

private let second: Int64 = 1_000_000_000

@Suite struct BreakerModelTests {
  /// A model that keeps every batch and counts anew each time.
  private struct Model {
    let settings: BreakerSettings
    var batches: [(second: Int64, failed: Bool, slow: Bool)] = []
    var all: [(second: Int64, failed: Bool)] = []

    mutating func add(failed: Bool, slow: Bool, at nanos: Int64) -> (opens: Bool, minuteRate: Double) {
      let now = nanos / second
      batches.append((now, failed, slow))
      all.append((now, failed))
      let minute = all.filter { $0.second > now - 60 }
      let rate = Double(minute.filter(\.failed).count) / Double(minute.count)
      let row = batches.reversed().prefix { $0.failed }.count
      let recent = batches.filter { $0.second > now - settings.windowNanos / second }
      let enough = recent.count >= settings.minBatches
      let opens =
        row >= settings.consecutiveFailures
        || (enough && Double(recent.filter(\.failed).count * 100) >= settings.failureRatePct * Double(recent.count))
        || (enough && Double(recent.filter(\.slow).count * 100) >= settings.slowRatePct * Double(recent.count))
      if opens { batches = [] }
      return (opens, rate)
    }
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func aClosedBreakerAgreesWithASlowModel(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var settings = BreakerSettings()
    settings.windowNanos = Int64.random(in: 1...12, using: &random) * second
    settings.minBatches = Int.random(in: 1...30, using: &random)
    settings.failureRatePct = Double.random(in: 30...100, using: &random)
    settings.slowRatePct = Double.random(in: 30...100, using: &random)
    settings.consecutiveFailures = Int.random(in: 2...9, using: &random)
    var breaker = CircuitBreaker(settings, since: MonotonicNanos(0))
    var model = Model(settings: settings)
    var nanos: Int64 = 0
    for step in 0..<600 {
      let jump = Int.random(in: 0..<100, using: &random)
      nanos += jump == 0 ? 3_600 * second : jump < 5 ? 5 * second : Int64.random(in: 0...(second / 2), using: &random)
      let isFailed = Int.random(in: 0..<3, using: &random) == 0
      let isSlow = Int.random(in: 0..<3, using: &random) == 0
      let transition = breaker.record(
        succeeded: !isFailed, items: 4, elapsedNanos: isSlow ? 4_000_001 : 4_000_000, at: MonotonicNanos(nanos),
        mayOpen: false)
      let expected = model.add(failed: isFailed, slow: isSlow, at: nanos)
      #expect((transition != nil) == expected.opens, "seed \(seed), step \(step)")
      #expect(breaker.failureRate(at: MonotonicNanos(nanos)) == expected.minuteRate, "seed \(seed), step \(step)")
    }
  }
}
