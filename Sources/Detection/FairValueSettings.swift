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

  /// Every value out of its range, and every relation that does not hold; keys are relative to `detectors.fmv`.
  package func problems() -> [TickDetectorSettings.Problem] {
    var check = SettingsCheck()
    let day: Int64 = 86_400_000_000_000
    check.duration("lateness_tolerance", latenessToleranceNanos, 0...day)
    check.number("valuation.enter_pct", valuation.enterPct, 0.001...1_000)
    check.number("valuation.exit_pct", valuation.exitPct, 0...1_000)
    check.number("valuation.min_confidence", valuation.minConfidence, 0...1)
    check.duration("valuation.max_staleness", valuation.maxStalenessNanos, 0...day)
    if valuation.exitPct > valuation.enterPct {
      check.add(
        "valuation.exit_pct", "is \(valuation.exitPct); must not be above valuation.enter_pct (\(valuation.enterPct))")
    }
    return check.problems
  }
}
