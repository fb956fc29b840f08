import Detection
import MarketData
import TestKit
import Testing

/// The engine against `SlowReference`, on seeded random series.
@Suite struct ReferenceTests {
  private static let start: Int64 = 1_700_006_400_000_000_000

  /// A series with bursts of volume and price, quiet stretches, and pauses longer than every window.
  private func series(_ random: inout SeededRandom) -> [Tick] {
    var ticks: [Tick] = []
    var time = Self.start + Int64(random.unit() * 1e10)
    var price = 100.0
    var drift = 0.0
    var burst = 1.0
    for number in 0..<700 {
      if number % 40 == 0 {
        drift = (random.unit() - 0.5) * 0.000_8
        burst = random.unit() < 0.25 ? 20 : 1
      }
      price *= 1 + drift + (random.unit() - 0.5) * 0.000_2 * burst.squareRoot()
      if random.unit() < 0.003 { price *= random.unit() < 0.5 ? 1.01 : 0.99 }
      let pause = random.unit()
      let gap =
        pause < 0.002
        ? 1_250 + 300 * random.unit() : pause < 0.02 ? 90 * random.unit() : 4 * random.unit() / burst.squareRoot()
      time += Int64(gap * 1e9)
      guard time < Self.start + 86_000_000_000_000 else { break }
      ticks.append(
        Tick(
          symbol: SymbolID(0), conditions: [], eventTime: UnixNanos(time), price: price,
          size: (random.unit() * 100 * burst).rounded()))
    }
    return ticks
  }

  @Test(arguments: 0..<24)
  func seededSeriesGiveWhatTheDefinitionsSay(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var settings = TickDetectorSettings()
    settings.printFilter.enabled = false
    settings.highLow.enabled = false
    settings.vwapCross.enabled = false
    var engine = TickEngine(profiles: [TickProfile(name: "p", calendar: .continuous, settings: settings)])
    var reference = SlowReference()
    var events: [MarketEvent] = []
    for tick in series(&random) {
      _ = engine.process(tick, profile: 0, events: &events)
      reference.take(time: tick.eventTime.nanoseconds, price: tick.price, size: tick.size)
    }
    let ours = events.map(Self.found)
    #expect(ours.count == reference.found.count)
    for (our, expected) in zip(ours, reference.found) {
      #expect(our.type == expected.type && our.direction == expected.direction && our.time == expected.time)
      #expect((our.value - expected.value).magnitude <= 1e-6 * max(1, expected.value.magnitude))
      #expect((our.second - expected.second).magnitude <= 1e-6 * max(1, expected.second.magnitude))
    }
  }

  /// A series on which nothing fires would prove nothing.
  @Test func theSeriesMakeEveryTypeOfEvent() {
    var counts: [EventType: Int] = [:]
    for seed in 0..<24 {
      var random = SeededRandom(seed: UInt64(seed))
      var engine = TickEngine(
        profiles: [TickProfile(name: "p", calendar: .continuous, settings: TickDetectorSettings())])
      var events: [MarketEvent] = []
      for tick in series(&random) { _ = engine.process(tick, profile: 0, events: &events) }
      for event in events { counts[event.type, default: 0] += 1 }
    }
    for type in [EventType.high, .low, .surge, .volumeSpike, .trend, .quarantine] {
      #expect((counts[type] ?? 0) >= 20, "\(type): \(counts[type] ?? 0)")
    }
  }

  private static func found(_ event: MarketEvent) -> SlowReference.Found {
    var found = SlowReference.Found(
      type: event.type, direction: event.direction, time: event.eventTime.nanoseconds, value: 0, second: 0)
    switch event.detail {
    case .surge(let detail): (found.value, found.second) = (detail.movePct, detail.sigmaPct)
    case .volumeSpike(let detail): (found.value, found.second) = (detail.multiple, detail.meanVolume)
    case .trend(let detail): (found.value, found.second) = (detail.movePct, detail.rSquared)
    default: break
    }
    return found
  }
}

extension SeededRandom {
  /// 0 ..< 1.
  fileprivate mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}
