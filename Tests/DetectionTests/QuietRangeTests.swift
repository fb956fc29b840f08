import Detection
import MarketData
import TestKit
import Testing

/// An engine that passes quiet ticks over, against one that looks at every tick in full: all events and outcomes are equal, to the bit.
@Suite struct QuietRangeTests {
  private static let start: Int64 = 1_381_239_000_000_000_000  // 2013-10-08 09:30 in New York

  private func settings(_ random: inout SeededRandom) -> TickDetectorSettings {
    var settings = TickDetectorSettings()
    guard random.chance(3, of: 4) else { return settings }
    settings.printFilter.enabled = random.chance(3, of: 4)
    settings.printFilter.jumpPct = random.pick([0.05, 0.5, 3])
    settings.printFilter.confirmTimeNanos = random.pick([0, 2_000_000_000, 30_000_000_000])
    settings.printFilter.learnedTimeNanos = random.pick([5_000_000_000, 600_000_000_000])
    settings.printFilter.openJumpPct = random.pick([0, 50])
    settings.highLow.enabled = random.chance(3, of: 4)
    settings.highLow.cooldownNanos = random.pick([0, 150_000_000, 1_000_000_000, 40_000_000_000])
    settings.highLow.openingTimeNanos = random.pick([0, 700_000_000, 200_000_000_000])
    settings.surge.enabled = random.chance(3, of: 4)
    settings.surge.minMovePct = random.pick([0.001, 0.05, 0.2])
    settings.surge.z = random.pick([0.5, 2, 4])
    settings.surge.volumeRatio = random.pick([0, 0.1, 1.5])
    settings.surge.confirm = UInt32(random.pick([1, 2, 3, 10]))
    settings.surge.cooldownNanos = random.pick([1_000_000_000, 60_000_000_000])
    settings.surge.warmUpNanos = random.pick([0, 120_000_000_000])
    settings.volumeSpike.enabled = random.chance(3, of: 4)
    settings.volumeSpike.multiple = random.pick([1.1, 4])
    settings.volumeSpike.cooldownNanos = random.pick([0, 2_000_000_000, 60_000_000_000])
    settings.volumeSpike.activeSeconds = UInt32(random.pick([1, 3, 5]))
    settings.volumeSpike.extendedHoursFactor = random.pick([0.5, 2])
    settings.volumeSpike.warmUpNanos = random.pick([0, 300_000_000_000])
    settings.activity.windowNanos = random.pick([5_000_000_000, 60_000_000_000])
    settings.trend.enabled = random.chance(3, of: 4)
    settings.vwapCross.enabled = random.chance(3, of: 4)
    settings.vwapCross.bandPct = random.pick([0, 0.01, 0.05])
    settings.vwapCross.holdNanos = random.pick([0, 500_000_000, 5_000_000_000])
    settings.vwapCross.warmUpNanos = random.pick([0, 300_000_000_000])
    settings.openingRange.enabled = random.chance(3, of: 4)
    settings.openingRange.minutes = UInt32(random.pick([1, 5, 15]))
    settings.openingRange.bandPct = random.pick([0, 0.02])
    if random.chance(1, of: 4) { settings.barsNanos = [1_000_000_000, 60_000_000_000] }
    settings.gap.gapPct = random.pick([0.001, 1])
    return settings
  }

  @Test(arguments: 0..<160)
  func quietTicksChangeNothingElse(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let profile = TickProfile(
      name: "p", calendar: random.chance(1, of: 2) ? .continuous : .usEquities, settings: settings(&random))
    var quick = TickEngine(profiles: [profile])
    var full = TickEngine(profiles: [profile], usesQuietRanges: false)
    var time = Self.start - 400_000_000_000
    var price = 48.0
    // Ticks without a price move the time on past what detectors wait for.
    let rarity: UInt64 = random.pick([30, 3])
    // On a grid prices come back to the very same extremes.
    let isOnGrid = random.chance(1, of: 3)
    for number in 0..<4_000 {
      // Steps of a cent and of a fraction, so that thresholds are met exactly and nearly; runs of equal times; old and far ticks.
      price = max(0.5, price + Double(random.pick([-3, -1, 0, 0, 0, 1, 3])) * random.pick([0.01, 0.01, 0.007_3]))
      if isOnGrid { price = (price * 20).rounded() / 20 }
      let wild = random.chance(1, of: 60) ? random.pick([1.004, 0.98, 1.2]) : 1
      time += Int64(random.pick([0, 0, 1, 40, 300, 900, 2_500])) * 1_000_000
      if random.chance(1, of: 500) { time += random.pick([700, 700, 28_800, 86_400]) * 1_000_000_000 }
      let back = random.chance(1, of: 40) ? random.pick([1, 4_000_000_000, 9_000_000_000]) : 0
      let tick = Tick(
        symbol: SymbolID(UInt32(number % 3 == 0 ? 1 : 0)),
        conditions: TickConditions(
          rawValue: random.chance(1, of: rarity) ? UInt32(random.pick([1, 1, 1, 2, 3, 4, 5, 7, 8, 9])) : 0),
        eventTime: UnixNanos(time - Int64(back)), price: price * wild,
        size: Double(random.pick([0, 1, 7, 100, 3_000])) * random.pick([1, 0.1]))
      var expected: [MarketEvent] = []
      var found: [MarketEvent] = []
      let wanted = full.process(tick, profile: 0, events: &expected)
      let outcome = quick.process(tick, profile: 0, events: &found)
      guard found == expected, outcome.union(.lookedAt) == wanted else {
        Issue.record("tick \(number): \(found) instead of \(expected)")
        return
      }
      if number % 97 == 0 {
        #expect(quick.snapshot(of: tick.symbol) == full.snapshot(of: tick.symbol))
        #expect(quick.lastPrice(of: tick.symbol) == full.lastPrice(of: tick.symbol))
      }
    }
    #expect(quick.watermark == full.watermark)
  }
}

extension SeededRandom {
  fileprivate mutating func chance(_ part: UInt64, of whole: UInt64) -> Bool { next() % whole < part }
  fileprivate mutating func pick<T>(_ values: [T]) -> T { values[Int(next() % UInt64(values.count))] }
}
