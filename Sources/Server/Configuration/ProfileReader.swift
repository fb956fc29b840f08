internal import Detection
internal import MarketData

/// Reads one profile: which symbols, which calendar, which detector settings.
enum ProfileReader {
  /// - Parameters:
  ///   - old: what holds where the section says nothing; nil for a new profile, as in a file, where that is the default.
  ///   - name: of a new profile whose section does not tell it.
  static func read(
    _ section: ConfigurationSection, from old: ProfileConfiguration? = nil, name: String = ""
  ) -> ProfileConfiguration {
    var profile = old ?? ProfileConfiguration(name: name, symbols: ["*"])
    section.text("name") { profile.name = $0 }
    if !ChannelName.isValid(profile.name) {
      section.problem("name", "is '\(profile.name)'; must be \(ChannelName.rule)")
    }
    if let symbols = section.texts("symbols") {
      profile.symbols = symbols
      if symbols.isEmpty { section.problem("symbols", "is empty; must name at least one symbol or pattern") }
      for symbol in symbols where symbol.isEmpty || symbol.dropLast().contains("*") {
        section.problem("symbols", "has '\(symbol)'; '*' may stand only at the end, and a symbol is not empty")
      }
    }
    section.section("calendar") { profile.calendar = CalendarReader.read($0, from: old?.calendar) }
    section.duration("max_ahead", in: 0...86_400_000_000_000, into: &profile.maxAheadNanos)
    section.section("detectors") { detectors in
      detectors.section("tick") { tick in
        read(tick, into: &profile.tick)
        for problem in profile.tick.problems() { tick.problem(below: problem.key, problem.message) }
      }
      detectors.section("bar") { bar in
        read(bar, into: &profile.bar)
        for problem in profile.bar.problems() { bar.problem(below: problem.key, problem.message) }
      }
      detectors.section("fmv") { values in
        read(values, into: &profile.fairValue)
        for problem in profile.fairValue.problems() { values.problem(below: problem.key, problem.message) }
      }
    }
    profile.fairValue.latenessToleranceNanos = profile.tick.latenessToleranceNanos
    return profile
  }

  private static func read(_ bar: ConfigurationSection, into settings: inout BarDetectorSettings) {
    bar.section("gap") { section in
      section.boolean("enabled", into: &settings.gap.enabled)
      section.number("gap_pct", into: &settings.gap.gapPct)
      section.number("daily_gap_pct", into: &settings.gap.dailyGapPct)
    }
    bar.section("significant_move") { section in
      section.boolean("enabled", into: &settings.significantMove.enabled)
      section.number("move_pct_1m", into: &settings.significantMove.movePct1m)
      section.number("move_pct_5m", into: &settings.significantMove.movePct5m)
      section.number("move_pct_intraday", into: &settings.significantMove.movePctIntraday)
      section.number("move_pct_daily", into: &settings.significantMove.movePctDaily)
    }
    bar.section("volume_spike") { section in
      section.boolean("enabled", into: &settings.volumeSpike.enabled)
      section.number("multiple", into: &settings.volumeSpike.multiple)
      section.integer("history", in: 10...1_000, into: &settings.volumeSpike.history)
    }
    bar.section("high_low") { section in
      section.boolean("enabled", into: &settings.highLow.enabled)
      section.integer("closes", in: 1...1_000, into: &settings.highLow.closes)
    }
    bar.section("aggregate") { section in
      section.boolean("enabled", into: &settings.aggregate.enabled)
      if let windows = section.durations("windows") { settings.aggregate.windowsNanos = windows }
    }
  }

  private static func read(_ values: ConfigurationSection, into settings: inout FairValueSettings) {
    values.section("valuation") { section in
      section.boolean("enabled", into: &settings.valuation.enabled)
      section.number("enter_pct", into: &settings.valuation.enterPct)
      section.number("exit_pct", into: &settings.valuation.exitPct)
      section.number("min_confidence", into: &settings.valuation.minConfidence)
      section.duration("max_staleness", into: &settings.valuation.maxStalenessNanos)
    }
  }

  private static func read(_ tick: ConfigurationSection, into settings: inout TickDetectorSettings) {
    tick.duration("lateness_tolerance", into: &settings.latenessToleranceNanos)
    tick.section("print_filter") { section in
      section.boolean("enabled", into: &settings.printFilter.enabled)
      section.number("jump_pct", into: &settings.printFilter.jumpPct)
      section.number("floor", into: &settings.printFilter.floor)
      section.integer("confirm", in: 2...1_000, into: &settings.printFilter.confirm)
    }
    tick.section("activity") { section in
      section.duration("sigma_sample", into: &settings.activity.sigmaSampleNanos)
      section.duration("sigma_time", into: &settings.activity.sigmaTimeNanos)
      section.duration("window", into: &settings.activity.windowNanos)
      section.duration("volume_time", into: &settings.activity.volumeTimeNanos)
    }
    tick.section("high_low") { readHighLow($0, into: &settings.highLow) }
    tick.section("surge") { section in
      section.boolean("enabled", into: &settings.surge.enabled)
      section.number("z", into: &settings.surge.z)
      section.number("min_move_pct", into: &settings.surge.minMovePct)
      section.number("volume_ratio", into: &settings.surge.volumeRatio)
      section.duration("warm_up", into: &settings.surge.warmUpNanos)
      section.duration("cooldown", into: &settings.surge.cooldownNanos)
    }
    tick.section("volume_spike") { section in
      section.boolean("enabled", into: &settings.volumeSpike.enabled)
      section.number("multiple", into: &settings.volumeSpike.multiple)
      section.duration("warm_up", into: &settings.volumeSpike.warmUpNanos)
    }
    tick.section("trend") { section in
      section.boolean("enabled", into: &settings.trend.enabled)
      if let horizons = section.durations("horizons") {
        settings.trend.horizonsNanos = horizons
      }
      if let counts = section.texts("min_samples") {
        settings.trend.minSamples = counts.map { UInt32($0) ?? 0 }
      }
      section.number("enter_r2", into: &settings.trend.enterR2)
      section.number("enter_move_pct", into: &settings.trend.enterMovePct)
      section.number("enter_v", into: &settings.trend.enterV)
      section.number("exit_r2", into: &settings.trend.exitR2)
    }
    tick.section("vwap_cross") { section in
      section.boolean("enabled", into: &settings.vwapCross.enabled)
      section.number("band_pct", into: &settings.vwapCross.bandPct)
      section.duration("warm_up", into: &settings.vwapCross.warmUpNanos)
    }
    tick.section("opening_range") { section in
      section.boolean("enabled", into: &settings.openingRange.enabled)
      section.integer("minutes", in: 1...390, into: &settings.openingRange.minutes)
      section.number("band_pct", into: &settings.openingRange.bandPct)
    }
    tick.section("gap") { section in
      section.boolean("enabled", into: &settings.gap.enabled)
      section.number("gap_pct", into: &settings.gap.gapPct)
    }
    if let bars = tick.durations("bars") { settings.barsNanos = bars }
  }

  private static func readHighLow(
    _ section: ConfigurationSection, into settings: inout TickDetectorSettings.HighLow
  ) {
    section.boolean("enabled", into: &settings.enabled)
    section.duration("cooldown", into: &settings.cooldownNanos)
    section.duration("reversal_window", into: &settings.reversalWindowNanos)
    section.number("volume_weight", into: &settings.volumeWeight)
    section.number("extended_hours_factor", into: &settings.extendedHoursFactor)
    section.number("opening_factor", into: &settings.openingFactor)
    section.duration("opening_time", into: &settings.openingTimeNanos)
    var bands: [TickDetectorSettings.Band] = []
    let given = section.sections("bands") { band in
      var read = TickDetectorSettings.Band(below: .infinity, minChange: 0, minChangePct: 0)
      band.number("below", into: &read.below)
      band.number("min_change", into: &read.minChange)
      band.number("min_change_pct", into: &read.minChangePct)
      bands.append(read)
    }
    if given { settings.bands = bands }
  }
}
