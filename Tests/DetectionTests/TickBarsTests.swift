import Detection
import MarketData
import Settings
import TestKit
import Testing

/// Bars built from ticks.
@Suite struct TickBarsTests {
  private static let second: Int64 = 1_000_000_000
  private static let minute: Int64 = 60 * second
  /// 2023-11-15 00:00 UTC; 14:30 is 09:30 in New York.
  private static let day: Int64 = 1_700_006_400_000_000_000

  private struct Feed {
    var engine: TickEngine
    var events: [MarketEvent] = []

    init(_ calendar: TradingCalendar, _ bars: [Int64]) {
      var settings = TickDetectorSettings()
      settings.barsNanos = bars
      engine = TickEngine(profiles: [TickProfile(name: "p", calendar: calendar, settings: settings)])
    }

    mutating func tick(_ at: Double, _ price: Double, _ size: Double = 1, _ conditions: TickConditions = []) {
      let time = UnixNanos(day + Int64(at * 1e9))
      _ = engine.process(
        Tick(symbol: SymbolID(0), conditions: conditions, eventTime: time, price: price, size: size), profile: 0,
        events: &events)
    }

    var bars: [Bar] {
      events.compactMap { event in
        if case .barClosed(let bar) = event.detail { bar } else { nil }
      }
    }
  }

  @Test func noneAreBuiltUnlessAskedFor() {
    var feed = Feed(.continuous, [])
    for at in 0..<200 { feed.tick(Double(at), 50) }
    #expect(feed.bars.isEmpty)
  }

  @Test func badDurationsAreNamed() {
    var settings = TickDetectorSettings()
    settings.barsNanos = [2 * Self.second, Self.second, 1]
    #expect(settings.problems().map(\.key) == ["bars[2]", "bars"])
    settings.barsNanos = (1...9).map { $0 * Self.second }
    #expect(settings.problems().map(\.key) == ["bars"])
  }

  /// Four ticks in the first second and minute: 50 · 3 + 50.02 · 1 = 200.02 over 4; the last one's size counts for no volume, the one but
  /// last's price for nothing.
  @Test func aTickAtOrPastTheEndClosesShorterBarsFirst() {
    var feed = Feed(.continuous, [Self.second, Self.minute])
    feed.tick(0.1, 50, 3)
    feed.tick(0.2, 50.02, 1)
    feed.tick(0.3, 58, 5, .notEligibleForPrices)
    feed.tick(0.4, 49.99, 7, .notEligibleForVolume)
    #expect(feed.bars.isEmpty)
    feed.tick(60, 50.01)
    #expect(feed.events.map(\.type) == [.barClosed, .barClosed])
    #expect(feed.events.map(\.occurrence) == [0, 1])
    #expect(feed.events.allSatisfy { $0.source == .tick && $0.eventTime.nanoseconds == Self.day + Self.minute })
    #expect(feed.bars.map(\.durationNanos) == [Self.second, Self.minute])
    for bar in feed.bars {
      #expect(bar.start.nanoseconds == Self.day)
      #expect(bar.open == 50 && bar.high == 50.02 && bar.low == 49.99 && bar.close == 49.99)
      #expect(bar.volume == 4 && bar.tradeCount == 3)
      #expect((bar.vwap - 50.005).magnitude < 1e-12)
    }
    #expect(feed.events[0].direction == .down && feed.events[0].price == 49.99 && feed.events[0].size == 4)
  }

  /// Odd lots that the print filter would pass count in the open bar: (50 · 3 + 50.02 · 1 + 50.1 · 4)/8 = 50.0525; they move no price.
  @Test func oddLotsCountInTheOpenBar() {
    var feed = Feed(.continuous, [Self.minute])
    // Before the session's first good tick, and so before any bar.
    feed.tick(0, 50, 100, .notEligibleForPrices)
    feed.tick(0.1, 50, 3)
    feed.tick(0.2, 50.02, 1)
    feed.tick(0.3, 50.1, 4, .notEligibleForPrices)
    feed.tick(0.4, 58, 1_000, .notEligibleForPrices)
    feed.tick(0.5, 50.1, 1_000, TickConditions(rawValue: 3))
    // At the end and past it: outside, and nothing is closed.
    feed.tick(60, 50.1, 1_000, .notEligibleForPrices)
    #expect(feed.bars.isEmpty)
    feed.tick(61, 50)
    feed.tick(62, 50.2, 5, .notEligibleForPrices)
    feed.tick(120, 50)
    #expect(feed.bars.map(\.volume) == [8, 6])
    #expect(feed.bars.map(\.tradeCount) == [3, 2])
    #expect(feed.bars.map(\.high) == [50.02, 50])
    #expect(((feed.bars.first?.vwap ?? 0) - 50.0525).magnitude < 1e-12)
  }

  /// From the middle of a minute on, by a tick whose price counts for nothing: that minute's bar has no beginning. One that begins with its
  /// minute has.
  @Test(arguments: [(30.0, [true, false]), (0.0, [false, false])])
  func aBarInWhichTheInputBeginsIsIncomplete(first: Double, isIncomplete: [Bool]) {
    var feed = Feed(.continuous, [Self.minute])
    feed.tick(first, 50, 1, .notEligibleForPrices)
    for at in [40.0, 70, 130] { feed.tick(at, 50) }
    #expect(feed.bars.map(\.isIncomplete) == isIncomplete)
  }

  /// The first tick came in CLOSED: PRE's first hour is whole, though its first good tick comes late in it.
  @Test func whatComesInClosedBeginsTheInputToo() {
    var feed = Feed(.usEquities, [60 * Self.minute])
    feed.tick(8.9 * 3_600, 50)
    feed.tick(9.5 * 3_600, 50)
    feed.tick(10.5 * 3_600, 50)
    #expect(feed.bars.map(\.isIncomplete) == [false])
  }

  /// POST ends at 20:00 New York, 01:00 UTC; the tick at 01:30, in CLOSED, closes the bar and begins none.
  @Test func barsAreCutAtSessionChangesAndClosedInClosed() {
    var feed = Feed(.usEquities, [120 * Self.minute])
    feed.tick(14.4 * 3_600, 50)
    feed.tick(14.5 * 3_600, 50)
    feed.tick(25.5 * 3_600, 50)
    feed.tick(26 * 3_600, 50)
    #expect(feed.events.filter { $0.type == .barClosed }.map(\.session) == [.pre, .regular])
    // Aligned to New York's midnight, 05:00 UTC: from 13:00 and 15:00 UTC, the second cut at 14:30.
    #expect(feed.bars.map(\.start.nanoseconds) == [Self.day + 13 * 60 * Self.minute, Self.day + 870 * Self.minute])
  }

  /// The exchange's own bars of the same trades: every minute that has trades and is over.
  @Test(.enabled(if: SharedFiles.isPresent, "needs ../shared, which lies beside the project"))
  func realTicksGiveTheExchangesBars() throws {
    let input = try TickFile(gzipped: SharedFiles.data("xbtusdt_ticks_20251110.csv.gz"))
    let wanted = try BarFile(gzipped: SharedFiles.data("xbtusdt_bars_1m_20251110.csv.gz")).bars
    var settings = TickDetectorSettings()
    settings.barsNanos = [Self.minute]
    settings.printFilter.enabled = false
    var engine = TickEngine(profiles: [TickProfile(name: "p", calendar: .continuous, settings: settings)])
    var events: [MarketEvent] = []
    for tick in input.ticks { _ = engine.process(tick, profile: 0, events: &events) }
    var equal = 0
    // The first minute's trades are not all in the file, and the last minute, the 274th, is not over.
    for event in events.filter({ $0.type == .barClosed }).dropFirst() {
      guard case .barClosed(let bar) = event.detail, let theirs = wanted.first(where: { $0.start == bar.start }) else {
        continue
      }
      #expect(
        bar.open == theirs.open && bar.high == theirs.high && bar.low == theirs.low && bar.close == theirs.close)
      #expect((bar.volume - theirs.volume).magnitude < 1e-9 && bar.tradeCount == theirs.tradeCount)
      equal += 1
    }
    #expect(equal == 272)
  }
}
