/// All settings of the bar detectors of one profile; an empty configuration gives the defaults of detectors.md.
///
/// Nested as the configuration file is: `detectors.bar.gap.gap_pct` is `gap.gapPct`. Durations are nanoseconds.
package struct BarDetectorSettings: Equatable, Sendable {
  package var gap = Gap()
  package var significantMove = SignificantMove()
  package var volumeSpike = VolumeSpike()
  package var highLow = HighLow()
  package var aggregate = Aggregate()

  package init() {}

  /// Percent.
  package struct Gap: Equatable, Sendable {
    package var enabled = true
    package var gapPct = 1.0
    /// Of bars of a day or longer.
    package var dailyGapPct = 2.0

    func threshold(of durationNanos: Int64) -> Double { durationNanos < BarSeries.dayNanos ? gapPct : dailyGapPct }
  }

  /// Percent, by the bars' duration.
  package struct SignificantMove: Equatable, Sendable {
    package var enabled = true
    /// Up to a minute.
    package var movePct1m = 0.5
    /// Up to five minutes.
    package var movePct5m = 1.0
    /// Under a day.
    package var movePctIntraday = 2.0
    package var movePctDaily = 5.0

    func threshold(of durationNanos: Int64) -> Double {
      switch durationNanos {
      case ...60_000_000_000: movePct1m
      case ...300_000_000_000: movePct5m
      case ..<BarSeries.dayNanos: movePctIntraday
      default: movePctDaily
      }
    }
  }

  package struct VolumeSpike: Equatable, Sendable {
    package var enabled = true
    package var multiple = 5.0
    /// Bars.
    package var history: UInt32 = 20
  }

  package struct HighLow: Equatable, Sendable {
    package var enabled = true
    package var closes: UInt32 = 20
  }

  package struct Aggregate: Equatable, Sendable {
    package var enabled = true
    /// Rising.
    package var windowsNanos: [Int64] = [300_000_000_000, 900_000_000_000, 3_600_000_000_000]

    package static let windowsMax = 8
  }

  /// Every value out of its range, and every relation that does not hold; keys are relative to `detectors.bar`.
  package func problems() -> [TickDetectorSettings.Problem] {
    var check = SettingsCheck()
    check.number("gap.gap_pct", gap.gapPct, 0.001...1_000)
    check.number("gap.daily_gap_pct", gap.dailyGapPct, 0.001...1_000)
    check.number("significant_move.move_pct_1m", significantMove.movePct1m, 0.001...1_000)
    check.number("significant_move.move_pct_5m", significantMove.movePct5m, 0.001...1_000)
    check.number("significant_move.move_pct_intraday", significantMove.movePctIntraday, 0.001...1_000)
    check.number("significant_move.move_pct_daily", significantMove.movePctDaily, 0.001...1_000)
    check.number("volume_spike.multiple", volumeSpike.multiple, 0.1...100_000)
    check.count("volume_spike.history", volumeSpike.history, BarVolumeSpike.historyMin...1_000)
    check.count("high_low.closes", highLow.closes, 1...1_000)
    let windows = aggregate.windowsNanos
    if windows.isEmpty || windows.count > Aggregate.windowsMax {
      check.add("aggregate.windows", "has \(windows.count) entries; must have 1 to \(Aggregate.windowsMax)")
    }
    for (index, window) in windows.enumerated() {
      check.duration("aggregate.windows[\(index)]", window, 1_000_000_000...BarSeries.dayNanos)
    }
    if zip(windows, windows.dropFirst()).contains(where: { $0 >= $1 }) {
      check.add("aggregate.windows", "must rise from entry to entry")
    }
    return check.problems
  }
}
