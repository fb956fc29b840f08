internal import Channels

/// Reads what guards a channel: `breaker` and `health`.
enum GuardReader {
  static func read(_ section: ConfigurationSection, into settings: inout BreakerSettings) {
    section.duration("window", into: &settings.windowNanos)
    section.integer("min_batches", in: 1...1_000_000, into: &settings.minBatches)
    section.number("failure_rate_pct", into: &settings.failureRatePct)
    section.number("slow_rate_pct", into: &settings.slowRatePct)
    section.duration("slow_item", into: &settings.slowItemNanos)
    section.integer("consecutive_failures", in: 1...1_000_000, into: &settings.consecutiveFailures)
    section.duration("open", into: &settings.openNanos)
    section.duration("open_max", into: &settings.openMaxNanos)
    section.integer("probe_batches", in: 1...1_000_000, into: &settings.probeBatches)
    for problem in settings.problems() { section.problem(problem.key, problem.message) }
  }

  static func read(_ section: ConfigurationSection, into settings: inout HealthSettings) {
    section.duration("stall_after", into: &settings.stallAfterNanos)
    section.number("depth_pct", into: &settings.depthPct)
    section.duration("depth_for", into: &settings.depthForNanos)
    section.duration("p99_limit", into: &settings.p99LimitNanos)
    for problem in settings.problems() { section.problem(problem.key, problem.message) }
  }
}
