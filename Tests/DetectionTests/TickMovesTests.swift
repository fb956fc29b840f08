import Detection
import MarketData
import TestKit
import Testing

/// Tick states that move between engines, begin anew, and go on under other settings.
@Suite struct TickMovesTests {
  private static let second: Int64 = 1_000_000_000
  /// 2023-11-15 00:00 UTC.
  private static let day: Int64 = 1_700_006_400_000_000_000

  private func profile(
    _ calendar: TradingCalendar = .continuous, _ change: (inout TickDetectorSettings) -> Void = { _ in }
  ) -> TickProfile {
    var settings = TickDetectorSettings()
    change(&settings)
    return TickProfile(name: "p", calendar: calendar, settings: settings)
  }

  private func tick(_ at: Double, _ price: Double, symbol: UInt32 = 0) -> Tick {
    Tick(
      symbol: SymbolID(symbol), conditions: [], eventTime: UnixNanos(Self.day + Int64(at * 1e9)), price: price, size: 1)
  }

  /// Three channels hand symbols to one another at random; now and then all get settings, equal ones, and one that no detector looks at.
  @Test(
    .enabled(if: SharedFiles.isPresent, "needs ../shared, which lies beside the project"),
    arguments: ["us_equities_ticks_20131008", "crypto_perp_ticks_20240808"], [1, 2])
  func movedStatesGiveTheGoldenEvents(file: String, seed: UInt64) throws {
    let input = try TickFile(gzipped: SharedFiles.data(file + ".csv.gz"))
    let golden = try GoldenEvent.read(SharedFiles.golden(file + ".events.jsonl.gz"))
    let calendar = file.hasPrefix("crypto") ? TradingCalendar.continuous : .usEquities
    var random = SeededRandom(seed: seed)
    var engines = (0..<3).map { _ in TickEngine(profiles: [profile(calendar)]) }
    var homes = input.symbols.map { _ in 0 }
    var events: [MarketEvent] = []
    for tick in input.ticks {
      let symbol = Int(tick.symbol.index)
      if Int.random(in: 0..<500, using: &random) == 0 {
        let next = Int.random(in: 0..<3, using: &random)
        if let state = engines[homes[symbol]].takeState(of: tick.symbol) { engines[next].adopt(state) }
        homes[symbol] = next
        // The other detectors do not depend on the gap's threshold, and no gap lies in the files.
        let gapPct = Double.random(in: 50...100, using: &random)
        engines[next].replace(profiles: [profile(calendar) { $0.gap.gapPct = gapPct }])
      }
      _ = engines[homes[symbol]].process(tick, profile: 0, events: &events)
    }
    #expect(engines.map(\.symbolCount).reduce(0, +) == input.symbols.count)
    #expect(golden.firstDifference(from: events, symbols: input.symbols) == nil)
  }

  @Test func aPlaceThatASymbolLeftIsUsedAgain() {
    var engine = TickEngine(profiles: [profile()])
    var events: [MarketEvent] = []
    _ = engine.process(tick(0, 50), profile: 0, events: &events)
    _ = engine.process(tick(0, 70, symbol: 1), profile: 0, events: &events)
    #expect(engine.takeState(of: SymbolID(5)) == nil)
    guard let state = engine.takeState(of: SymbolID(0)) else { return #expect(Bool(false)) }
    #expect(engine.symbolCount == 1)
    #expect(engine.snapshot(of: SymbolID(0)) == nil)
    #expect(engine.takeState(of: SymbolID(0)) == nil)
    _ = engine.process(tick(1, 90, symbol: 2), profile: 0, events: &events)
    #expect(engine.symbolCount == 2)
    #expect(engine.snapshot(of: SymbolID(2))?.sessionOpen == 90)
    engine.adopt(state)
    #expect(engine.symbolCount == 3)
    #expect(engine.snapshot(of: SymbolID(0))?.lastPrice == 50)
    #expect(engine.snapshot(of: SymbolID(1))?.lastPrice == 70)
    engine.resetState(of: SymbolID(1))
    #expect(engine.snapshot(of: SymbolID(1)) == nil)
    engine.resetState(of: SymbolID(9))
  }

  @Test func newSettingsKeepExtremesAndStartOnlyWhatTheyChange() {
    var engine = TickEngine(profiles: [profile { $0.highLow.enabled = false }])
    var events: [MarketEvent] = []
    for at in 0..<600 { _ = engine.process(tick(Double(at), 50 + Double(at % 3) / 100), profile: 0, events: &events) }
    _ = engine.process(tick(600, 50.2), profile: 0, events: &events)
    #expect(!events.contains { $0.type == .high })
    engine.replace(profiles: [
      profile {
        $0.activity.windowNanos = 30 * Self.second
        $0.trend.horizonsNanos = [60 * Self.second]
      }
    ])
    events.removeAll()
    let before = engine.snapshot(of: SymbolID(0))
    #expect(before?.sessionHigh == 50.2 && before?.relativeVolume == 0 && before?.trends.count == 1)
    // The high that stood unannounced is told now.
    _ = engine.process(tick(601, 50.1), profile: 0, events: &events)
    #expect(events.map(\.type) == [.high])
    // Thirty seconds leave the new window in the sixty after; the first of them begins without volume.
    for at in 602..<700 { _ = engine.process(tick(Double(at), 50.1), profile: 0, events: &events) }
    #expect(((engine.snapshot(of: SymbolID(0))?.relativeVolume ?? 0) - 1).magnitude < 0.02)
  }
}
