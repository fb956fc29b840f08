/// When a channel counts as degraded. Nested as the configuration is: `channels[].health.stall_after` is `stallAfterNanos`.
package struct HealthSettings: Equatable, Sendable {
  /// Nothing processed for this long while the ring is not empty.
  package var stallAfterNanos: Int64 = 5_000_000_000
  /// The ring's depth, in percent of its capacity …
  package var depthPct = 80.0
  /// … for this long.
  package var depthForNanos: Int64 = 5_000_000_000
  /// Of the time from accepted to picked up, the 99th percentile.
  package var p99LimitNanos: Int64 = 1_000_000_000

  package init() {}

  /// Every value out of its range; keys are relative to `health`.
  package func problems() -> [SettingProblem] {
    var check = RangeCheck()
    let hour: Int64 = 3_600_000_000_000
    check.duration("stall_after", stallAfterNanos, 100_000_000...hour)
    check.number("depth_pct", depthPct, 1...100)
    check.duration("depth_for", depthForNanos, 0...hour)
    check.duration("p99_limit", p99LimitNanos, 1_000...hour)
    return check.problems
  }
}
