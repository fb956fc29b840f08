import Detection
import Foundation
import MarketData
import TestKit
import Testing

/// The bar engine against events that an independent implementation made of real bars.
@Suite struct BarGoldenTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var file: String
    var isBesideGolden = false
    var calendar = TradingCalendar.usEquities
    var testDescription: String { file }

    var input: URL {
      isBesideGolden ? SharedFiles.golden(file + ".csv.gz") : SharedFiles.data(file + ".csv.gz")
    }

    var profiles: [BarProfile] {
      [BarProfile(name: "default", calendar: calendar, settings: BarDetectorSettings())]
    }

    func compare(_ events: [MarketEvent], symbols: [String]) throws {
      let golden = try GoldenEvent.read(SharedFiles.golden(file + ".events.jsonl.gz"))
      #expect(golden.count > 500)
      #expect(golden.firstDifference(from: events, symbols: symbols) == nil)
    }
  }

  static var cases: [Case] {
    [
      Case(file: "us_equities_bars_1m_201310"), Case(file: "spy_bars_revised", isBesideGolden: true),
      Case(
        file: "es_futures_bars_1m_20200106", calendar: TradingCalendar(CalendarRules(.usFutures)) ?? .continuous),
    ]
  }

  @Test(.enabled(if: SharedFiles.isPresent, "needs ../shared, which lies beside the project"), arguments: cases)
  func realBarsGiveTheGoldenEvents(sample: Case) throws {
    let input = try BarFile(gzipped: sample.input)
    var engine = BarEngine(profiles: sample.profiles)
    var events: [MarketEvent] = []
    for bar in input.bars { _ = engine.process(bar, profile: 0, events: &events) }
    try sample.compare(events, symbols: input.symbols)
  }

  /// Three channels hand symbols to one another at random, while their settings are replaced by equal ones.
  @Test(
    .enabled(if: SharedFiles.isPresent, "needs ../shared, which lies beside the project"), arguments: cases, 0..<5)
  func movedStatesGiveTheGoldenEvents(sample: Case, seed: UInt64) throws {
    let input = try BarFile(gzipped: sample.input)
    var random = SeededRandom(seed: seed)
    var engines = (0..<3).map { _ in BarEngine(profiles: sample.profiles) }
    var homes = input.symbols.map { _ in 0 }
    var events: [MarketEvent] = []
    for bar in input.bars {
      let symbol = Int(bar.symbol.index)
      if Int.random(in: 0..<50, using: &random) == 0 {
        let next = Int.random(in: 0..<3, using: &random)
        if let state = engines[homes[symbol]].takeState(of: bar.symbol) { engines[next].adopt(state) }
        homes[symbol] = next
        engines[next].replace(profiles: sample.profiles)
      }
      _ = engines[homes[symbol]].process(bar, profile: 0, events: &events)
    }
    #expect(engines.map(\.symbolCount).reduce(0, +) == input.symbols.count)
    try sample.compare(events, symbols: input.symbols)
  }
}
