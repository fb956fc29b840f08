import LockFree
import Testing

@Suite struct LatencyHistogramTests {
  @Test func anEmptyHistogramIsAllZero() {
    #expect(LatencyHistogram().summary == LatencySummary())
  }

  /// 1 … 10,000: the exact percentiles are 5,000, 9,000, 9,900, 9,990; buckets are at most 1 % wide.
  @Test func percentilesLieWithinOnePercent() {
    let histogram = LatencyHistogram()
    for value in 1...10_000 { histogram.record(Int64(value)) }
    let summary = histogram.summary
    #expect(summary.count == 10_000)
    #expect(summary.sum == 50_005_000)
    #expect(summary.max == 10_000)
    for (found, exact) in [(summary.p50, 5_000), (summary.p90, 9_000), (summary.p99, 9_900), (summary.p999, 9_990)] {
      #expect(Double(found) >= Double(exact) && Double(found) <= Double(exact) * 1.01)
    }
  }

  @Test func outliersAreBoundedAndNegativeOnesCountAsZero() {
    let histogram = LatencyHistogram()
    histogram.record(.max)
    histogram.record(-5)
    #expect(histogram.summary.max == 3_600_000_000_000)
    #expect(histogram.summary.p50 == 0)
    #expect(histogram.summary.count == 2)
  }

  /// Only the buckets up to the longest latency are looked at: what is longer by and by is found all the same.
  @Test func recentLatenciesAreThoseSinceTheCountsBefore() {
    let histogram = LatencyHistogram()
    #expect(histogram.p99(since: []) == 0)
    histogram.record(10, count: 1_000)
    let before = histogram.counts
    #expect(before.count == 11 && before.reduce(0, +) == 1_000)
    #expect(histogram.p99(since: before) == 0)
    histogram.record(5_000_000)
    #expect(histogram.counts.count > before.count)
    #expect(Double(histogram.p99(since: before)) >= 5_000_000 && Double(histogram.p99(since: before)) <= 5_050_000)
    #expect(histogram.p99(since: []) == 10)
  }

  @Test func severalHistogramsMakeOneSummary() {
    let a = LatencyHistogram()
    let b = LatencyHistogram()
    a.record(10, count: 3)
    b.record(1_000)
    let summary = LatencyHistogram.summary(of: [a, b])
    #expect(summary.count == 4)
    #expect(summary.p50 == 10)
    #expect(summary.max == 1_000)
    #expect(summary.sum == 1_030)
  }
}
