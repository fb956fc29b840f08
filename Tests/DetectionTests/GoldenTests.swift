import Detection
import MarketData
import TestKit
import Testing

/// The engine against events that an independent implementation made of real ticks.
@Suite struct GoldenTests {
  @Test(
    .enabled(if: SharedFiles.isPresent, "needs ../shared, which lies beside the project"),
    arguments: ["us_equities_ticks_20131008", "spy_ticks_20131010", "crypto_perp_ticks_20240808"])
  func realTicksGiveTheGoldenEvents(file: String) throws {
    let input = try TickFile(gzipped: SharedFiles.data(file + ".csv.gz"))
    let golden = try GoldenEvent.read(SharedFiles.golden(file + ".events.jsonl.gz"))
    #expect(golden.count > 10)
    let calendar = file.hasPrefix("crypto") ? TradingCalendar.continuous : .usEquities
    var engine = TickEngine(
      profiles: [TickProfile(name: "default", calendar: calendar, settings: TickDetectorSettings())])
    var events: [MarketEvent] = []
    for tick in input.ticks { _ = engine.process(tick, profile: 0, events: &events) }
    #expect(golden.firstDifference(from: events, symbols: input.symbols) == nil)
  }

  @Test(.enabled(if: SharedFiles.isPresent, "needs ../shared, which lies beside the project"))
  func aSymbolThatNeverCameIsADifference() throws {
    let golden = try GoldenEvent.read(SharedFiles.golden("spy_ticks_20131010.events.jsonl.gz"))
    #expect(golden.firstDifference(from: [], symbols: ["AAPL"])?.contains("SPY never came") == true)
    #expect(golden.firstDifference(from: [], symbols: ["SPY"])?.contains("0 events") == true)
  }
}
