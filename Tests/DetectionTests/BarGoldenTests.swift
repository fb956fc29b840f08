import Detection
import MarketData
import TestKit
import Testing

/// The bar engine against events that an independent implementation made of real bars.
@Suite struct BarGoldenTests {
  private static let file = "us_equities_bars_1m_201310"

  private func profiles() -> [BarProfile] {
    [BarProfile(name: "default", calendar: .usEquities, settings: BarDetectorSettings())]
  }

  private func compare(_ events: [MarketEvent], symbols: [String]) throws {
    let golden = try GoldenEvent.read(SharedFiles.golden(Self.file + ".events.jsonl.gz"))
    #expect(golden.count == 6_449)
    #expect(golden.firstDifference(from: events, symbols: symbols) == nil)
  }

  @Test(.enabled(if: SharedFiles.isPresent, "needs ../shared, which lies beside the project"))
  func realBarsGiveTheGoldenEvents() throws {
    let input = try BarFile(gzipped: SharedFiles.data(Self.file + ".csv.gz"))
    var engine = BarEngine(profiles: profiles())
    var events: [MarketEvent] = []
    for bar in input.bars { _ = engine.process(bar, profile: 0, events: &events) }
    try compare(events, symbols: input.symbols)
  }

  /// Three channels hand symbols to one another at random, while their settings are replaced by equal ones.
  @Test(.enabled(if: SharedFiles.isPresent, "needs ../shared, which lies beside the project"), arguments: 0..<5)
  func movedStatesGiveTheGoldenEvents(seed: UInt64) throws {
    let input = try BarFile(gzipped: SharedFiles.data(Self.file + ".csv.gz"))
    var random = SeededRandom(seed: seed)
    var engines = (0..<3).map { _ in BarEngine(profiles: profiles()) }
    var homes = input.symbols.map { _ in 0 }
    var events: [MarketEvent] = []
    for bar in input.bars {
      let symbol = Int(bar.symbol.index)
      if Int.random(in: 0..<50, using: &random) == 0 {
        let next = Int.random(in: 0..<3, using: &random)
        if let state = engines[homes[symbol]].takeState(of: bar.symbol) { engines[next].adopt(state) }
        homes[symbol] = next
        engines[next].replace(profiles: profiles())
      }
      _ = engines[homes[symbol]].process(bar, profile: 0, events: &events)
    }
    #expect(engines.map(\.symbolCount).reduce(0, +) == input.symbols.count)
    try compare(events, symbols: input.symbols)
  }
}
