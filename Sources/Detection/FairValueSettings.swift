package import Settings

/// All settings of the fair-market-value detectors of one profile; an empty configuration gives the defaults of detectors.md.
///
/// Nested as the configuration file is: `detectors.fmv.valuation.enter_pct` is `valuation.enterPct`. Durations are nanoseconds.
package struct FairValueSettings: Equatable, Sendable {
  /// The profile's, common to its ticks.
  package var latenessToleranceNanos: Int64 = 5_000_000_000
  package var valuation = Valuation()

  package init() {}

  package struct Valuation: BitwiseCopyable, Equatable, Sendable {
    package var enabled = true
    /// Percent.
    package var enterPct = 1.0
    package var exitPct = 0.5
    /// 0 to 1.
    package var minConfidence = 0.7
    /// Of the last tick price, where the value brings no market price.
    package var maxStalenessNanos: Int64 = 60_000_000_000
  }
}

extension FairValueSettings: KeyedSettings {
  package mutating func keys(_ fmv: SettingsSection) {
    let day: Int64 = 86_400_000_000_000
    fmv.section("valuation", note: "How far the market is from the fair value, in percent.") { part in
      part.boolean("enabled", into: &valuation.enabled)
      part.number("enter_pct", in: 0.001...1_000, into: &valuation.enterPct)
      part.number("exit_pct", in: 0...1_000, into: &valuation.exitPct)
      part.number("min_confidence", in: 0...1, into: &valuation.minConfidence)
      part.duration(
        "max_staleness", in: 0...day, into: &valuation.maxStalenessNanos,
        note: "Of the last tick price, where a value brings no market price.")
      part.require(
        valuation.exitPct <= valuation.enterPct, "exit_pct",
        "is \(valuation.exitPct); must not be above valuation.enter_pct (\(valuation.enterPct))")
    }
  }
}
