internal import MarketData

/// When a channel's circuit breaker opens and closes. Nested as the configuration is: `channels[].breaker.min_batches` is `minBatches`.
package struct BreakerSettings: Equatable, Sendable {
  /// Sliding, in slots of a second.
  package var windowNanos: Int64 = 10_000_000_000
  /// Fewer batches in the window decide nothing.
  package var minBatches = 20
  /// Percent of the window's batches.
  package var failureRatePct = 50.0
  package var slowRatePct = 50.0
  /// A batch is slow when its items take longer than this on average.
  package var slowItemNanos: Int64 = 1_000_000
  /// So many failed batches in a row open it at once.
  package var consecutiveFailures = 5
  /// The first stay in OPEN; it doubles with each that follows without success.
  package var openNanos: Int64 = 5_000_000_000
  package var openMaxNanos: Int64 = 60_000_000_000
  /// So many batches in HALF_OPEN without failure close it.
  package var probeBatches = 5

  package init() {}

  /// Every value out of its range, and every relation that does not hold; keys are relative to `breaker`.
  package func problems() -> [SettingProblem] {
    var check = RangeCheck()
    let millisecond: Int64 = 1_000_000
    let second: Int64 = 1_000 * millisecond
    let hour: Int64 = 3_600 * second
    if check.duration("window", windowNanos, second...hour), windowNanos % second != 0 {
      check.add("window", "is \(DurationText.describe(windowNanos)); must be whole seconds")
    }
    check.count("min_batches", minBatches, 1...1_000_000)
    check.number("failure_rate_pct", failureRatePct, 1...100)
    check.number("slow_rate_pct", slowRatePct, 1...100)
    check.duration("slow_item", slowItemNanos, 1_000...hour)
    check.count("consecutive_failures", consecutiveFailures, 1...1_000_000)
    let openIsValid = check.duration("open", openNanos, 10 * millisecond...hour)
    // One mistake, one problem: where `open` is wrong itself, the relation says nothing.
    if check.duration("open_max", openMaxNanos, 10 * millisecond...24 * hour), openIsValid, openMaxNanos < openNanos {
      let (longest, first) = (DurationText.describe(openMaxNanos), DurationText.describe(openNanos))
      check.add("open_max", "is \(longest); must not be below open (\(first))")
    }
    check.count("probe_batches", probeBatches, 1...1_000_000)
    return check.problems
  }
}
