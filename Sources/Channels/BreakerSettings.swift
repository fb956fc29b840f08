internal import MarketData
package import Settings

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
}

extension BreakerSettings: KeyedSettings {
  package mutating func keys(_ part: SettingsSection) {
    let millisecond: Int64 = 1_000_000
    let second: Int64 = 1_000 * millisecond
    let hour: Int64 = 3_600 * second
    let counts = 1...1_000_000
    part.duration(
      "window", in: second...hour, wholeSeconds: true, into: &windowNanos,
      note: "Sliding; with fewer batches in it nothing is decided.")
    part.integer("min_batches", in: counts, into: &minBatches)
    part.number("failure_rate_pct", in: 1...100, into: &failureRatePct)
    part.number(
      "slow_rate_pct", in: 1...100, into: &slowRatePct,
      note: "A batch is slow when an item takes longer than slow_item.")
    part.duration("slow_item", in: 1_000...hour, into: &slowItemNanos)
    part.integer(
      "consecutive_failures", in: counts, into: &consecutiveFailures,
      note: "So many failed batches in a row open it at once.")
    let openIsValid = part.duration(
      "open", in: 10 * millisecond...hour, into: &openNanos,
      note: "The first stay in OPEN; it doubles up to open_max.")
    let mostIsValid = part.duration("open_max", in: 10 * millisecond...24 * hour, into: &openMaxNanos)
    // One mistake, one problem: where either is wrong itself, the relation says nothing.
    part.require(
      openMaxNanos >= openNanos || !openIsValid || !mostIsValid, "open_max",
      "is \(DurationText.describe(openMaxNanos)); must not be below open (\(DurationText.describe(openNanos)))")
    part.integer(
      "probe_batches", in: counts, into: &probeBatches, note: "So many good batches in HALF_OPEN close it.")
  }
}
