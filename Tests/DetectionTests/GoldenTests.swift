import Detection
import Foundation
import MarketData
import TestKit
import Testing

/// The engine against events that an independent implementation made of real ticks.
@Suite struct GoldenTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var file: String
    var isBesideGolden = false
    var calendar = TradingCalendar.usEquities
    var settings = TickDetectorSettings()
    var testDescription: String { file }

    var input: URL {
      isBesideGolden ? SharedFiles.golden(file + ".csv.gz") : SharedFiles.data(file + ".csv.gz")
    }
  }

  static var cases: [Case] {
    var oddLots = TickDetectorSettings()
    oddLots.barsNanos = [60_000_000_000]
    oddLots.gap.gapPct = 0.05
    oddLots.vwapCross.bandPct = 0.01
    var hourly = TickDetectorSettings()
    hourly.barsNanos = [3_600_000_000_000]
    return [
      Case(
        file: "gc_futures_ticks_20131008", calendar: TradingCalendar(CalendarRules(.usFutures)) ?? .continuous,
        settings: hourly),
      Case(file: "us_equities_ticks_20131008"), Case(file: "spy_ticks_20131010"),
      Case(file: "crypto_perp_ticks_20240808", calendar: .continuous),
      Case(file: "spy_odd_lots", isBesideGolden: true, settings: oddLots),
    ]
  }

  @Test(.enabled(if: SharedFiles.isPresent, "needs ../shared, which lies beside the project"), arguments: cases)
  func realTicksGiveTheGoldenEvents(sample: Case) throws {
    let input = try TickFile(gzipped: sample.input)
    let golden = try GoldenEvent.read(SharedFiles.golden(sample.file + ".events.jsonl.gz"))
    #expect(golden.count > 10)
    var engine = TickEngine(
      profiles: [TickProfile(name: "default", calendar: sample.calendar, settings: sample.settings)])
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
