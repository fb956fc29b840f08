package import Settings

private let second: Int64 = 1_000_000_000
private let day = 86_400 * second

extension TickDetectorSettings: KeyedSettings {
  package mutating func keys(_ tick: SettingsSection) {
    tick.duration(
      "lateness_tolerance", in: 0...day, into: &latenessToleranceNanos,
      note: "Older ticks than the newest of their symbol by more than this are late: counted and ignored.")
    tick.section("print_filter", into: &printFilter)
    tick.section("activity") { part in
      part.duration(
        "sigma_sample", in: second...600 * second, wholeSeconds: true, into: &activity.sigmaSampleNanos)
      part.duration("sigma_time", in: second...day, into: &activity.sigmaTimeNanos)
      part.duration("window", in: second...3_600 * second, wholeSeconds: true, into: &activity.windowNanos)
      part.duration("volume_time", in: second...day, into: &activity.volumeTimeNanos)
    }
    tick.section("high_low", into: &highLow)
    tick.section("surge") { part in
      part.boolean("enabled", into: &surge.enabled)
      part.number("z", in: 0.1...100, into: &surge.z)
      part.number("min_move_pct", in: 0...100, into: &surge.minMovePct)
      part.number("volume_ratio", in: 0...1_000, into: &surge.volumeRatio)
      part.integer(
        "confirm", in: 1...100, into: &surge.confirm,
        note: "So many good prints in a row must hold: one that the next ones take back makes no event.")
      part.duration("warm_up", in: 0...day, into: &surge.warmUpNanos)
      part.duration("cooldown", in: 0...day, into: &surge.cooldownNanos)
    }
    tick.section("volume_spike") { part in
      part.boolean("enabled", into: &volumeSpike.enabled)
      part.number("multiple", in: 0.1...100_000, into: &volumeSpike.multiple)
      part.number(
        "extended_hours_factor", in: 0.01...100, into: &volumeSpike.extendedHoursFactor,
        note: "A factor on the multiple in PRE and POST.")
      part.integer(
        "active_seconds", in: 1...3_600, into: &volumeSpike.activeSeconds,
        note: "So many of the window's seconds must have volume: one large print in a dead hour is no spike.")
      part.duration("warm_up", in: 0...day, into: &volumeSpike.warmUpNanos)
      part.duration("cooldown", in: 0...day, into: &volumeSpike.cooldownNanos)
    }
    tick.section("trend", into: &trend)
    tick.section(
      "vwap_cross",
      note: "Crossings of the session's volume-weighted average price, by more than the band."
    ) { part in
      part.boolean("enabled", into: &vwapCross.enabled)
      part.number("band_pct", in: 0...50, into: &vwapCross.bandPct)
      part.duration(
        "hold", in: 0...3_600 * second, into: &vwapCross.holdNanos,
        note: "The new side must have lasted so long, without a print on the old one.")
      part.duration("warm_up", in: 0...day, into: &vwapCross.warmUpNanos)
    }
    tick.section(
      "opening_range", note: "The first price beyond the range of REGULAR's first minutes, once a side."
    ) { part in
      part.boolean("enabled", into: &openingRange.enabled)
      part.integer("minutes", in: 1...390, into: &openingRange.minutes)
      part.number("band_pct", in: 0...50, into: &openingRange.bandPct)
    }
    tick.section(
      "gap", note: "From the last price of a REGULAR (or CONTINUOUS) session to the first of the next."
    ) { part in
      part.boolean("enabled", into: &gap.enabled)
      part.number("gap_pct", in: 0.001...1_000, into: &gap.gapPct)
    }
    tick.risingDurations(
      "bars", in: second...day, count: 0...Self.barsMax, into: &barsNanos,
      note:
        "Bars built from ticks, such as [1s, 1m]: a BAR_CLOSED for each. Every tick of such a profile is then looked at in full."
    )
  }
}

extension TickDetectorSettings.PrintFilter: KeyedSettings {
  package mutating func keys(_ part: SettingsSection) {
    part.boolean("enabled", into: &enabled)
    part.number(
      "jump_pct", in: 0.001...100, into: &jumpPct,
      note: "Percent; grows with the square root of the minutes since the last good price, at most 20-fold.")
    part.number(
      "floor", in: 0...1_000_000, into: &floor,
      note:
        "Smaller jumps than this always pass, where the price is at least 1; below it is 3 % of the price, at most 0.01."
    )
    part.integer(
      "confirm", in: 2...1_000, into: &confirm, note: "So many prints in a row at one new price are believed.")
    part.duration(
      "confirm_time", in: 0...3_600 * second, into: &confirmTimeNanos,
      note:
        "They lie no further apart than this; and so many in a row are believed whatever their prices once the first is so old."
    )
    part.number(
      "open_jump_pct", in: 0...1_000, into: &openJumpPct,
      note: "Percent: the limit of a session's first print, at least.")
    part.number(
      "learned_max_pct", in: 0...1_000, into: &learnedMaxPct,
      note: "Percent: moves that were believed widen the limit to twice as much, up to this.")
    part.duration(
      "learned_time", in: second...day, into: &learnedTimeNanos, note: "What was learned decays by this time constant.")
  }
}

extension TickDetectorSettings.HighLow: KeyedSettings {
  package mutating func keys(_ part: SettingsSection) {
    part.boolean("enabled", into: &enabled)
    part.sections(
      "bands", new: TickDetectorSettings.Band(below: .infinity, minChange: 0, minChangePct: 0), into: &bands,
      note: "The least change that is told, by the price band of the extreme: the first whose `below` exceeds it.")
    if bands.isEmpty || bands.count > CompiledSettings.bandsMax {
      part.problem("bands", "has \(bands.count) entries; must have 1 to \(CompiledSettings.bandsMax)")
    }
    part.require(
      !zip(bands, bands.dropFirst()).contains { $0.below >= $1.below }, "bands",
      "must rise in 'below' from entry to entry")
    if let last = bands.last, last.below != .infinity {
      part.problem("bands", item: bands.count - 1, inner: "below", "must be left out of the last entry")
    }
    part.number(
      "extended_hours_factor", in: 0...100, into: &extendedHoursFactor,
      note: "A factor on the least change outside REGULAR.")
    part.number(
      "opening_factor", in: 0...100, into: &openingFactor, note: "A factor on it in the opening_time of REGULAR.")
    part.duration("opening_time", in: 0...day, into: &openingTimeNanos)
    part.duration("cooldown", in: 0...day, into: &cooldownNanos)
    part.duration("reversal_window", in: 0...day, into: &reversalWindowNanos)
    part.number("volume_weight", in: 0...1, into: &volumeWeight)
  }
}

extension TickDetectorSettings.Band: KeyedSettings {
  package mutating func keys(_ band: SettingsSection) {
    // Absent where the band has no upper end.
    var end = below.isFinite ? below : nil
    band.value("below", .number(), into: &end)
    below = end ?? .infinity
    band.number("min_change", in: 0...1_000_000_000, into: &minChange)
    band.number("min_change_pct", in: 0...100, into: &minChangePct)
  }
}

extension TickDetectorSettings.Trend: KeyedSettings {
  package mutating func keys(_ part: SettingsSection) {
    part.boolean("enabled", into: &enabled)
    part.risingDurations(
      "horizons", in: 10 * second...21_600 * second, count: 1...Self.horizonsMax, into: &horizonsNanos)
    part.list(
      "min_samples", .integer(2...100_000), into: &minSamples,
      note: "Samples of 5 s before a horizon is looked at, one for each, such as [24, 120]; empty = horizon / 5 s.")
    part.require(
      minSamples.isEmpty || minSamples.count == horizonsNanos.count, "min_samples",
      "has \(minSamples.count) entries; must have one for each of the \(horizonsNanos.count) horizons")
    part.number("enter_r2", in: 0...1, into: &enterR2)
    part.number("enter_move_pct", in: 0...100, into: &enterMovePct)
    part.number("enter_v", in: 0...100, into: &enterV)
    part.number("exit_r2", in: 0...1, into: &exitR2)
  }
}
