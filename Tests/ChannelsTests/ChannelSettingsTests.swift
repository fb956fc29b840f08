import Channels
import Settings
import Testing

@Suite struct ChannelSettingsTests {
  private static let second: Int64 = 1_000_000_000
  private static let hour: Int64 = 3_600 * second

  private func keys(_ change: (inout BreakerSettings) -> Void) -> [String] {
    var settings = BreakerSettings()
    change(&settings)
    return settings.problems().map(\.key)
  }

  private func healthKeys(_ change: (inout HealthSettings) -> Void) -> [String] {
    var settings = HealthSettings()
    change(&settings)
    return settings.problems().map(\.key)
  }

  @Test func theDefaultsHaveNoProblems() {
    #expect(BreakerSettings().problems().isEmpty)
    #expect(HealthSettings().problems().isEmpty)
  }

  @Test func everyBreakerSettingKeepsItsRange() {
    let (second, hour) = (Self.second, Self.hour)
    let durations: [(String, WritableKeyPath<BreakerSettings, Int64>, good: [Int64], bad: [Int64])] = [
      ("window", \.windowNanos, [second, hour], [0, hour + second, 1_500_000_000]),
      ("slow_item", \.slowItemNanos, [1_000, hour], [999, hour + 1]),
      ("open", \.openNanos, [10_000_000, 60 * second], [9_999_999, hour + 1]),
      ("open_max", \.openMaxNanos, [5 * second, 24 * hour], [5 * second - 1, 24 * hour + 1]),
    ]
    let counts: [(String, WritableKeyPath<BreakerSettings, Int>)] = [
      ("min_batches", \.minBatches), ("consecutive_failures", \.consecutiveFailures), ("probe_batches", \.probeBatches),
    ]
    let rates: [(String, WritableKeyPath<BreakerSettings, Double>)] = [
      ("failure_rate_pct", \.failureRatePct), ("slow_rate_pct", \.slowRatePct),
    ]
    for (key, path, good, bad) in durations {
      for value in good { #expect(keys { $0[keyPath: path] = value } == [], "\(key) \(value)") }
      for value in bad { #expect(keys { $0[keyPath: path] = value } == [key], "\(key) \(value)") }
    }
    for (key, path) in counts {
      for value in [1, 1_000_000] { #expect(keys { $0[keyPath: path] = value } == [], "\(key) \(value)") }
      for value in [0, 1_000_001] { #expect(keys { $0[keyPath: path] = value } == [key], "\(key) \(value)") }
    }
    for (key, path) in rates {
      for value in [1.0, 100] { #expect(keys { $0[keyPath: path] = value } == [], "\(key) \(value)") }
      for value in [0.99, 100.1, .nan] { #expect(keys { $0[keyPath: path] = value } == [key], "\(key) \(value)") }
    }
  }

  @Test func everyHealthSettingKeepsItsRange() {
    let durations: [(String, WritableKeyPath<HealthSettings, Int64>, low: Int64)] = [
      ("stall_after", \.stallAfterNanos, 100_000_000), ("depth_for", \.depthForNanos, 0),
      ("p99_limit", \.p99LimitNanos, 1_000),
    ]
    for (key, path, low) in durations {
      for value in [low, Self.hour] { #expect(healthKeys { $0[keyPath: path] = value } == [], "\(key) \(value)") }
      for value in [low - 1, Self.hour + 1] {
        #expect(healthKeys { $0[keyPath: path] = value } == [key], "\(key) \(value)")
      }
    }
    for value in [1.0, 100] { #expect(healthKeys { $0.depthPct = value } == []) }
    for value in [0.9, 101, .nan] { #expect(healthKeys { $0.depthPct = value } == ["depth_pct"]) }
  }

  @Test func everyProblemIsToldAtOnceWithItsRange() {
    var settings = BreakerSettings()
    settings.windowNanos = 1_500_000_000
    settings.minBatches = 0
    settings.slowRatePct = 0
    settings.openMaxNanos = Self.second
    #expect(
      settings.problems() == [
        SettingsProblem(key: "window", message: "is 1500ms; must be from 1s to 1h, in whole seconds"),
        SettingsProblem(key: "min_batches", message: "is 0; must be from 1 to 1000000"),
        SettingsProblem(key: "slow_rate_pct", message: "is 0; must be from 1 to 100"),
        SettingsProblem(key: "open_max", message: "is 1s; must not be below open (5s)"),
      ])
  }
}
