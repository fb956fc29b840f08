import Detection
import MarketData
import TestKit
import Testing

/// The engine against `SlowReference`, on seeded random series.
@Suite struct ReferenceTests {
  private static let start: Int64 = 1_700_006_400_000_000_000

  /// A series with bursts of volume and price, quiet stretches, and pauses longer than every window; bad prices that come once, to and fro,
  /// and for good; odd lots, sizes that do not count, official closes, and ticks that come late.
  private func series(_ random: inout SeededRandom, isContinuous: Bool) -> [Tick] {
    var ticks: [Tick] = []
    // Midnight UTC, or 07:00 on a Wednesday in New York.
    var time = Self.start + (isContinuous ? 0 : 12 * 3_600_000_000_000) + Int64(random.unit() * 1e10)
    var price = random.unit() < 0.2 ? 0.8 : 100.0
    var drift = 0.0
    var burst = 1.0
    var bad = 1.0
    for number in 0..<700 {
      if number % 40 == 0 {
        drift = (random.unit() - 0.5) * 0.000_8
        burst = random.unit() < 0.25 ? 20 : 1
        bad = random.unit() < 0.3 ? 1 + (random.unit() - 0.5) * 0.06 : 1
      }
      price *= 1 + drift + (random.unit() - 0.5) * 0.000_2 * burst.squareRoot()
      if random.unit() < 0.003 { price *= random.unit() < 0.5 ? 1.01 : 0.99 }
      let pause = random.unit()
      let gap =
        pause < 0.002
        ? 1_250 + 300 * random.unit()
        : pause < 0.02 ? 90 * random.unit() : 4 * random.unit() / burst.squareRoot()
      if random.unit() < 0.006 {
        // Into the next session, or on in what is closed.
        let session = SlowSession(at: time, isContinuous: isContinuous)
        time = (session?.end ?? time + 7_200_000_000_000) + Int64((random.unit() - 0.1) * 5e11)
        price *= 1 + (random.unit() - 0.5) * 0.06
      }
      time += Int64(gap * 1e9)
      let kind = random.unit()
      let conditions: UInt32 =
        kind < 0.05 ? 1 : kind < 0.07 ? 2 : kind < 0.08 ? 3 : kind < 0.085 ? 4 : kind < 0.09 ? 5 : 0
      let back = random.unit() < 0.03 ? Int64(random.unit() * 8e9) : 0
      ticks.append(
        Tick(
          symbol: SymbolID(0), conditions: TickConditions(rawValue: conditions), eventTime: UnixNanos(time - back),
          price: random.unit() < 0.1 ? price * bad : price, size: (random.unit() * 100 * burst).rounded()))
    }
    return ticks
  }

  /// Even seeds in one session a UTC day, odd ones in New York's sessions.
  @Test(arguments: 0..<24)
  func seededSeriesGiveWhatTheDefinitionsSay(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let isContinuous = seed.isMultiple(of: 2)
    var settings = TickDetectorSettings()
    settings.openingRange.enabled = false
    settings.barsNanos = [60_000_000_000]
    let calendar = isContinuous ? TradingCalendar.continuous : .usEquities
    var engine = TickEngine(profiles: [TickProfile(name: "p", calendar: calendar, settings: settings)])
    // Without bars most ticks are passed over by the quiet range.
    settings.barsNanos = []
    var quick = TickEngine(profiles: [TickProfile(name: "p", calendar: calendar, settings: settings)])
    var rules = SlowReference.Rules()
    rules.isContinuous = isContinuous
    var reference = SlowReference(rules)
    var events: [MarketEvent] = []
    var quickEvents: [MarketEvent] = []
    for tick in series(&random, isContinuous: isContinuous) {
      _ = engine.process(tick, profile: 0, events: &events)
      _ = quick.process(tick, profile: 0, events: &quickEvents)
      reference.take(tick)
    }
    compare(events, reference.found)
    compare(quickEvents, reference.found.filter { $0.type != .barClosed })
  }

  private func compare(_ events: [MarketEvent], _ expected: [SlowReference.Found]) {
    let ours = events.map(Self.found)
    #expect(ours.count == expected.count)
    for (our, expected) in zip(ours, expected) {
      let isEqual =
        our.type == expected.type && our.direction == expected.direction && our.time == expected.time
        && our.values.count == expected.values.count
        && zip(our.values, expected.values).allSatisfy { ($0 - $1).magnitude <= 1e-6 * max(1, $1.magnitude) }
      guard isEqual else {
        Issue.record("\(our) instead of \(expected)")
        return
      }
    }
  }

  /// A series on which nothing fires would prove nothing.
  @Test func theSeriesMakeEveryTypeOfEvent() {
    var counts: [EventType: Int] = [:]
    var settings = TickDetectorSettings()
    settings.openingRange.enabled = false
    settings.barsNanos = [60_000_000_000]
    for seed in 0..<24 {
      var random = SeededRandom(seed: UInt64(seed))
      let isContinuous = seed.isMultiple(of: 2)
      let calendar = isContinuous ? TradingCalendar.continuous : .usEquities
      var engine = TickEngine(profiles: [TickProfile(name: "p", calendar: calendar, settings: settings)])
      var events: [MarketEvent] = []
      for tick in series(&random, isContinuous: isContinuous) { _ = engine.process(tick, profile: 0, events: &events) }
      for event in events { counts[event.type, default: 0] += 1 }
    }
    for type in [EventType.high, .low, .surge, .volumeSpike, .trend, .quarantine, .vwapCross, .gap, .barClosed] {
      #expect((counts[type] ?? 0) >= 20, "\(type): \(counts[type] ?? 0) of \(counts)")
    }
  }

  private static func found(_ event: MarketEvent) -> SlowReference.Found {
    let values: [Double] =
      switch event.detail {
      case .quarantine(let detail): [detail.lastGood, detail.limitPct, detail.confirmed ? 1 : 0, Double(detail.run)]
      case .barClosed(let bar):
        [
          Double(bar.start.nanoseconds), bar.open, bar.high, bar.low, bar.close, bar.volume, bar.vwap,
          Double(bar.tradeCount), bar.isIncomplete ? 1 : 0,
        ]
      case .gap(let detail): [detail.gapPct, detail.previousClose]
      case .highLow(let detail):
        [
          detail.previousAnchor, detail.sessionHigh, detail.sessionLow, detail.relativeVolume, detail.dayHigh,
          detail.dayLow,
        ]
      case .vwap(let detail): [detail.vwap, Double(detail.previousLastedNanos)]
      case .surge(let detail): [detail.movePct, detail.sigmaPct]
      case .volumeSpike(let detail): [detail.multiple, detail.meanVolume]
      case .trend(let detail): [detail.movePct, detail.rSquared]
      default: []
      }
    return SlowReference.Found(
      type: event.type, direction: event.direction, time: event.eventTime.nanoseconds, values: values)
  }
}

extension SeededRandom {
  /// 0 ..< 1.
  fileprivate mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}
