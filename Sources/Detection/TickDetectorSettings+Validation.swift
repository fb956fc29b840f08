internal import MarketData

extension TickDetectorSettings {
  /// One setting that is out of its range.
  package struct Problem: Equatable, Sendable {
    /// Relative to `detectors.tick`, such as `surge.z`.
    package var key: String
    package var message: String
  }

  /// Every value out of its range, and every relation that does not hold.
  package func problems() -> [Problem] {
    var found: [Problem] = []
    func number(_ key: String, _ value: Double, _ range: ClosedRange<Double>) {
      if !range.contains(value) {
        found.append(Problem(key: key, message: "is \(value); must be from \(range.lowerBound) to \(range.upperBound)"))
      }
    }
    func duration(_ key: String, _ value: Int64, _ range: ClosedRange<Int64>, multipleOf unit: Int64 = 1) {
      if !range.contains(value) || value % unit != 0 {
        let whole = unit > 1 ? ", in whole \(DurationText.describe(unit))" : ""
        found.append(
          Problem(
            key: key,
            message:
              "is \(DurationText.describe(value)); must be from \(DurationText.describe(range.lowerBound)) to \(DurationText.describe(range.upperBound))\(whole)"
          ))
      }
    }
    let second: Int64 = 1_000_000_000
    let day = 86_400 * second
    duration("lateness_tolerance", latenessToleranceNanos, 0...day)
    number("print_filter.jump_pct", printFilter.jumpPct, 0.001...100)
    number("print_filter.floor", printFilter.floor, 0...1_000_000)
    if !(2...1_000).contains(printFilter.confirm) {
      found.append(Problem(key: "print_filter.confirm", message: "is \(printFilter.confirm); must be from 2 to 1000"))
    }
    duration("activity.sigma_sample", activity.sigmaSampleNanos, second...600 * second, multipleOf: second)
    duration("activity.sigma_time", activity.sigmaTimeNanos, second...day)
    duration("activity.window", activity.windowNanos, second...3_600 * second, multipleOf: second)
    duration("activity.volume_time", activity.volumeTimeNanos, second...day)
    number("high_low.extended_hours_factor", highLow.extendedHoursFactor, 0...100)
    number("high_low.opening_factor", highLow.openingFactor, 0...100)
    duration("high_low.opening_time", highLow.openingTimeNanos, 0...day)
    duration("high_low.cooldown", highLow.cooldownNanos, 0...day)
    duration("high_low.reversal_window", highLow.reversalWindowNanos, 0...day)
    number("high_low.volume_weight", highLow.volumeWeight, 0...1)
    found += bandProblems()
    number("surge.z", surge.z, 0.1...100)
    number("surge.min_move_pct", surge.minMovePct, 0...100)
    number("surge.volume_ratio", surge.volumeRatio, 0...1_000)
    duration("surge.warm_up", surge.warmUpNanos, 0...day)
    duration("surge.cooldown", surge.cooldownNanos, 0...day)
    number("volume_spike.multiple", volumeSpike.multiple, 0.1...100_000)
    duration("volume_spike.warm_up", volumeSpike.warmUpNanos, 0...day)
    number("vwap_cross.band_pct", vwapCross.bandPct, 0...50)
    duration("vwap_cross.warm_up", vwapCross.warmUpNanos, 0...day)
    if !(1...390).contains(openingRange.minutes) {
      found.append(
        Problem(key: "opening_range.minutes", message: "is \(openingRange.minutes); must be from 1 to 390"))
    }
    number("opening_range.band_pct", openingRange.bandPct, 0...50)
    number("gap.gap_pct", gap.gapPct, 0.001...1_000)
    for (index, horizon) in trend.horizonsNanos.enumerated() {
      duration("trend.horizons[\(index)]", horizon, 10 * second...21_600 * second)
    }
    if trend.horizonsNanos.isEmpty || trend.horizonsNanos.count > Trend.horizonsMax {
      found.append(
        Problem(
          key: "trend.horizons",
          message: "has \(trend.horizonsNanos.count) entries; must have 1 to \(Trend.horizonsMax)"))
    }
    if zip(trend.horizonsNanos, trend.horizonsNanos.dropFirst()).contains(where: { $0 >= $1 }) {
      found.append(Problem(key: "trend.horizons", message: "must rise from entry to entry"))
    }
    if !trend.minSamples.isEmpty, trend.minSamples.count != trend.horizonsNanos.count {
      found.append(
        Problem(
          key: "trend.min_samples",
          message:
            "has \(trend.minSamples.count) entries; must have one for each of the \(trend.horizonsNanos.count) horizons"
        ))
    }
    for (index, count) in trend.minSamples.enumerated() where !(2...100_000).contains(count) {
      found.append(Problem(key: "trend.min_samples[\(index)]", message: "is \(count); must be from 2 to 100000"))
    }
    for (index, length) in barsNanos.enumerated() { duration("bars[\(index)]", length, second...day) }
    if barsNanos.count > Self.barsMax {
      found.append(
        Problem(key: "bars", message: "has \(barsNanos.count) entries; must have at most \(Self.barsMax)"))
    }
    if zip(barsNanos, barsNanos.dropFirst()).contains(where: { $0 >= $1 }) {
      found.append(Problem(key: "bars", message: "must rise from entry to entry"))
    }
    number("trend.enter_r2", trend.enterR2, 0...1)
    number("trend.enter_move_pct", trend.enterMovePct, 0...100)
    number("trend.enter_v", trend.enterV, 0...100)
    number("trend.exit_r2", trend.exitR2, 0...1)
    return found
  }

  private func bandProblems() -> [Problem] {
    var found: [Problem] = []
    let bands = highLow.bands
    if bands.isEmpty || bands.count > CompiledSettings.bandsMax {
      found.append(
        Problem(
          key: "high_low.bands", message: "has \(bands.count) entries; must have 1 to \(CompiledSettings.bandsMax)"))
    }
    for (index, band) in bands.enumerated() {
      if !(0...1_000_000_000).contains(band.minChange) {
        found.append(
          Problem(
            key: "high_low.bands[\(index)].min_change", message: "is \(band.minChange); must be from 0 to 1000000000"))
      }
      if !(0...100).contains(band.minChangePct) {
        found.append(
          Problem(
            key: "high_low.bands[\(index)].min_change_pct", message: "is \(band.minChangePct); must be from 0 to 100"))
      }
    }
    if zip(bands, bands.dropFirst()).contains(where: { $0.below >= $1.below }) {
      found.append(Problem(key: "high_low.bands", message: "must rise in 'below' from entry to entry"))
    }
    if let last = bands.last, last.below != .infinity {
      found.append(
        Problem(key: "high_low.bands[\(bands.count - 1)].below", message: "must be left out of the last entry"))
    }
    return found
  }
}
