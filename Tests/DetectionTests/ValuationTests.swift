import Detection
import MarketData
import Settings
import TestKit
import Testing

/// Hand-worked series of fair values, clause by clause of detectors.md, "VALUATION".
@Suite struct ValuationTests {
  private static let second: Int64 = 1_000_000_000
  /// 2023-11-15 15:00 UTC, 10:00 in New York.
  private static let start: Int64 = 1_700_006_400_000_000_000 + 15 * 3_600 * second

  private struct Feed {
    var engine: FairValueEngine
    var events: [MarketEvent] = []
    var last: LastPrice?

    init(_ change: (inout FairValueSettings) -> Void = { _ in }) {
      var settings = FairValueSettings()
      change(&settings)
      engine = FairValueEngine(
        profiles: [FairValueProfile(name: "p", calendar: .usEquities, settings: settings)])
    }

    /// A fair value of 100 against a market price, so many seconds after the start.
    @discardableResult
    mutating func value(_ at: Double, market: Double, confidence: Double = 0) -> ItemOutcome {
      let last = last
      let value = FairMarketValue(
        symbol: SymbolID(0), model: 3, eventTime: UnixNanos(start + Int64(at * 1e9)), fairValue: 100,
        marketPrice: market, confidence: confidence)
      return engine.process(value, profile: 0, lastPrice: { _ in last }, events: &events)
    }

    var details: [ValuationDetail] {
      events.compactMap { event in
        if case .valuation(let detail) = event.detail { detail } else { nil }
      }
    }
  }

  // MARK: - Failure paths

  @Test func withoutAYoungPriceNothingIsDecided() {
    var feed = Feed()
    #expect(feed.value(0, market: 0) == .stale)
    feed.last = LastPrice(price: 105, time: UnixNanos(Self.start - 60 * Self.second - 1))
    #expect(feed.value(0, market: 0) == .stale)
    #expect(feed.events.isEmpty)
    feed.last?.time.nanoseconds += 1
    #expect(feed.value(0, market: 0) == [])
    #expect(feed.details.map(\.marketPrice) == [105])
    // Seen after the value's time: young.
    feed.last = LastPrice(price: 95, time: UnixNanos(.max))
    #expect(feed.value(1, market: 0) == [])
    #expect(feed.details.map(\.state) == [.overvalued, .undervalued])
  }

  @Test func littleConfidenceDecidesNothing() {
    var feed = Feed()
    #expect(feed.value(0, market: 105, confidence: 0.69) == .unsure)
    #expect(feed.value(1, market: 105, confidence: 0.7) == [])
    #expect(feed.details.map(\.confidence) == [0.7])
    // 100 · 0.7 · min(1, 5/(5 · 1))
    #expect((feed.events[0].significance - 70).magnitude < 1e-9)
  }

  @Test func lateValuesAreIgnoredAndYoungerOnesUsedAtTheWatermark() {
    var feed = Feed()
    feed.value(100, market: 100)
    #expect(feed.value(94.9, market: 105) == .late)
    #expect(feed.value(95, market: 105) == [])
    #expect(feed.value(96, market: 95) == [])
    #expect(
      feed.events.map(\.eventTime.nanoseconds) == [Self.start + 100 * Self.second, Self.start + 100 * Self.second])
    #expect(feed.events.map(\.occurrence) == [0, 1])
  }

  /// From 10:00 in New York, 11 h lead to 21:00, CLOSED, and 20 h to 06:00 of the next day, PRE.
  @Test func inClosedNothingIsDecidedAndTheStateIsKept() {
    var feed = Feed()
    feed.value(0, market: 105)
    #expect(feed.value(11 * 3_600, market: 90) == .outOfSession)
    feed.value(20 * 3_600, market: 104)
    #expect(feed.events.count == 1)
    feed.value(20 * 3_600 + 1, market: 100)
    #expect(feed.events.map(\.session) == [.regular, .pre])
    #expect(feed.details[1].previousLastedNanos == 72_001 * Self.second)
  }

  @Test func anyValidValueIsTaken() {
    var engine = FairValueEngine(
      profiles: [FairValueProfile(name: "p", calendar: .continuous, settings: FairValueSettings())])
    var events: [MarketEvent] = []
    var random = SeededRandom(seed: 5)
    let prices = [Double.leastNonzeroMagnitude, 1e-300, 1, 1e300, .greatestFiniteMagnitude]
    let times: [Int64] = [1, Self.start, .max - 1, .max]
    for _ in 0..<3_000 {
      let last = LastPrice(
        price: prices.randomElement(using: &random) ?? 1, time: UnixNanos(times.randomElement(using: &random) ?? 1))
      let value = FairMarketValue(
        symbol: SymbolID(UInt32.random(in: 0...3, using: &random)), model: 0,
        eventTime: UnixNanos(times.randomElement(using: &random) ?? 1),
        fairValue: prices.randomElement(using: &random) ?? 1,
        marketPrice: ([0] + prices).randomElement(using: &random) ?? 0,
        confidence: [0, 0.5, 1].randomElement(using: &random) ?? 0)
      _ = engine.process(value, profile: 0, lastPrice: { _ in last }, events: &events)
    }
    for event in events { #expect((0...100).contains(event.significance)) }
  }

  @Test func badSettingsAreNamedWithTheirRange() {
    var settings = FairValueSettings()
    #expect(settings.problems() == [])
    settings.valuation.exitPct = 1.5
    settings.valuation.minConfidence = 1.1
    settings.valuation.maxStalenessNanos = -1
    #expect(
      settings.problems().map(\.key) == [
        "valuation.min_confidence", "valuation.max_staleness", "valuation.exit_pct",
      ])
  }

  // MARK: - States

  /// 0.8 stays FAIR; 1.0 is OVER; 0.5 stays, 0.49 is FAIR again.
  @Test func aDeviationIsToldWhenItBeginsAndWhenItEnds() {
    var feed = Feed()
    feed.value(0, market: 100.8)
    feed.value(10, market: 101)
    feed.value(20, market: 101.7)
    feed.value(30, market: 100.5)
    #expect(feed.details.map(\.state) == [.overvalued])
    feed.value(40, market: 100.49)
    #expect(feed.details.map(\.state) == [.overvalued, .fair])
    #expect(feed.events.map(\.direction) == [.down, .flat])
    #expect(feed.events.map(\.price) == [101, 100.49])
    #expect(feed.events.map(\.size) == [0, 0])
    #expect(feed.details.map(\.previousLastedNanos) == [0, 30 * Self.second])
    #expect((feed.details[0].peakDeviationPct - 0.8).magnitude < 1e-9)
    #expect((feed.details[1].peakDeviationPct - 1.7).magnitude < 1e-9)
    #expect(feed.details[0].model == 3 && feed.details[0].confidence == 1)
    // 100 · 1/(5 · 1)
    #expect((feed.events[0].significance - 20).magnitude < 1e-9)
  }

  @Test func overTurnsIntoUnderAtOnce() {
    var feed = Feed()
    feed.value(0, market: 102)
    feed.value(1, market: 99)
    feed.value(2, market: 99.4)
    feed.value(3, market: 101)
    #expect(feed.details.map(\.state) == [.overvalued, .undervalued, .overvalued])
    #expect(feed.events.map(\.direction) == [.down, .up, .down])
    // The first decision of all: FAIR had none before it.
    #expect(feed.details.map { $0.peakDeviationPct.rounded() } == [0, 2, -1])
  }

  @Test func statesMoveAndSettingsChangeWithoutLoss() {
    var feed = Feed()
    feed.value(0, market: 102)
    guard let state = feed.engine.takeState(of: SymbolID(0)) else { return #expect(Bool(false)) }
    #expect(feed.engine.symbolCount == 0)
    #expect(feed.engine.takeState(of: SymbolID(0)) == nil)
    var other = Feed { $0.valuation.exitPct = 0.1 }
    other.engine.adopt(state)
    #expect(other.engine.watermark.nanoseconds == Self.start)
    other.value(1, market: 100.2)
    #expect(other.events.isEmpty)
    other.engine.replace(
      profiles: [FairValueProfile(name: "p", calendar: .usEquities, settings: FairValueSettings())])
    other.value(2, market: 100.2)
    #expect(other.details.map(\.state) == [.fair])
    other.engine.resetState(of: SymbolID(0))
    other.value(3, market: 100.2)
    #expect(other.events.count == 1)
    #expect(other.engine.snapshot(of: SymbolID(0))?.lastPrice == 100.2)
  }
}
