package import Settings

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
}

extension HealthSettings: KeyedSettings {
  package mutating func keys(_ part: SettingsSection) {
    let hour: Int64 = 3_600_000_000_000
    part.duration(
      "stall_after", in: 100_000_000...hour, into: &stallAfterNanos,
      note: "Nothing processed while the ring is not empty.")
    part.number("depth_pct", in: 1...100, into: &depthPct, note: "The ring's depth, for so long.")
    part.duration("depth_for", in: 0...hour, into: &depthForNanos)
    part.duration(
      "p99_limit", in: 1_000...hour, into: &p99LimitNanos,
      note: "From accepted to picked up, the 99th percentile.")
  }
}
