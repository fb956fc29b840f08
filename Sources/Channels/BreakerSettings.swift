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
