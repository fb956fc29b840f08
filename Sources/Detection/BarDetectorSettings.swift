package import Settings

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
}

extension BarDetectorSettings: KeyedSettings {
  package mutating func keys(_ bar: SettingsSection) {
    let percent = 0.001...1_000
    bar.section("gap", note: "Percent from the close before to the open; daily for bars of a day or longer.") { part in
      part.boolean("enabled", into: &gap.enabled)
      part.number("gap_pct", in: percent, into: &gap.gapPct)
      part.number("daily_gap_pct", in: percent, into: &gap.dailyGapPct)
    }
    bar.section(
      "significant_move", note: "Percent, by the bars' duration: up to a minute, up to five, under a day, longer."
    ) { part in
      part.boolean("enabled", into: &significantMove.enabled)
      part.number("move_pct_1m", in: percent, into: &significantMove.movePct1m)
      part.number("move_pct_5m", in: percent, into: &significantMove.movePct5m)
      part.number("move_pct_intraday", in: percent, into: &significantMove.movePctIntraday)
      part.number("move_pct_daily", in: percent, into: &significantMove.movePctDaily)
    }
    bar.section("volume_spike", note: "Against the mean of so many bars before.") { part in
      part.boolean("enabled", into: &volumeSpike.enabled)
      part.number("multiple", in: 0.1...100_000, into: &volumeSpike.multiple)
      part.integer("history", in: BarVolumeSpike.historyMin...1_000, into: &volumeSpike.history)
    }
    bar.section("high_low", note: "Closes beyond so many before.") { part in
      part.boolean("enabled", into: &highLow.enabled)
      part.integer("closes", in: 1...1_000, into: &highLow.closes)
    }
    bar.section("aggregate", note: "Windows that bars are put together to.") { part in
      part.boolean("enabled", into: &aggregate.enabled)
      part.risingDurations(
        "windows", in: 1_000_000_000...BarSeries.dayNanos, count: 1...Aggregate.windowsMax,
        into: &aggregate.windowsNanos)
    }
  }
}
