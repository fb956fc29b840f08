import Channels
import DataFiles
import MarketData
import Server
import Testing

@testable import CommandLine

@Suite struct DemoMarketTests {
  private static let second: Int64 = 1_000_000_000

  private func nanos(_ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int) -> Int64 {
    Int64(CivilDate(year, month, day).daysSinceEpoch * 86_400 + hour * 3_600 + minute * 60) * Self.second
  }

  private func hours(_ market: DemoMarket, _ now: Int64) throws -> MarketHours {
    MarketHours(
      try market.configuration().profiles[0].calendar, now: now, historyNanos: market.historyNanos)
  }

  @Test(arguments: DemoMarket.allCases) func settingsAreThoseOfTheShippedProfile(_ market: DemoMarket) throws {
    let shipped = try ConfigurationReader.read(yaml: market.profile.text).profiles
    let used = try market.configuration().profiles
    #expect(used.map(\.name) == shipped.map(\.name))
    #expect(used[0].tick == shipped[0].tick)
    #expect((used[0].calendar == shipped[0].calendar) == (market != .equities))
  }

  @Test(arguments: [DemoMarket.equities, .crypto]) func whatTradesAroundTheClockTradesNow(_ market: DemoMarket) throws {
    let now = nanos(2026, 11, 28, 3, 0)
    let found = try hours(market, now)
    #expect((found.startNanos, found.lagNanos, found.endNanos) == (now - 600 * Self.second, 0, .max))
  }

  /// Every seventh minute of two weeks, with Thanksgiving and its early close: the market begins in a session, and never ahead of the wall's clock.
  @Test(arguments: [DemoMarket.futures, .options]) func aMarketWithHoursIsOpenWheneverItIsAsked(
    _ market: DemoMarket
  ) throws {
    let calendar = try market.configuration().profiles[0].calendar
    let begin = nanos(2026, 11, 20, 0, 0)
    for minute in stride(from: Int64(0), to: 14 * 1_440, by: 7) {
      let now = begin + minute * 60 * Self.second
      let found = MarketHours(calendar, now: now, historyNanos: market.historyNanos)
      let segment = calendar.segment(at: UnixNanos(found.startNanos))
      #expect(segment.session == .regular && segment.sessionStart.nanoseconds == found.startNanos)
      #expect(segment.end.nanoseconds == found.endNanos)
      // After its history it stands where the wall's clock less the lag does.
      #expect(found.lagNanos >= 0 && found.startNanos + market.historyNanos + found.lagNanos == now)
    }
  }

  @Test func aSessionThatIsOverIsTradedAgainFromItsBeginning() throws {
    // Saturday: Friday after Thanksgiving was short.
    let options = try hours(.options, nanos(2026, 11, 28, 12, 0))
    #expect(options.startNanos == nanos(2026, 11, 27, 14, 30) && options.endNanos == nanos(2026, 11, 27, 18, 0))
    // Half an hour into Monday the history is as long as the session.
    #expect(try hours(.options, nanos(2026, 11, 30, 14, 59)).startNanos == options.startNanos)
    let monday = try hours(.options, nanos(2026, 11, 30, 15, 0))
    #expect(monday.startNanos == nanos(2026, 11, 30, 14, 30) && monday.lagNanos == 0)
    // 23:00 UTC on Sunday is 17:00 in Chicago.
    #expect(try hours(.futures, nanos(2026, 11, 29, 23, 9)).startNanos == nanos(2026, 11, 26, 23, 0))
    #expect(try hours(.futures, nanos(2026, 11, 29, 23, 10)).startNanos == nanos(2026, 11, 29, 23, 0))
  }

  @Test func contractsAreThoseThatTradeAtTheDate() {
    func symbols(_ year: Int, _ month: Int, _ day: Int) -> Set<String> {
      Set(FuturesBoard.instruments(on: CivilDate(year, month, day)).map(\.symbol))
    }
    let november = symbols(2026, 11, 30)
    #expect(november.isSuperset(of: ["ESZ6", "ESH7", "NQZ6", "CLF7", "CLG7", "GCG7", "ZNH7", "NGF7", "6EZ6", "ZSF7"]))
    #expect(november.count == 36)
    #expect(symbols(2026, 12, 18).isSuperset(of: ["ESH7", "ESM7", "CLG7"]))
    #expect(symbols(2029, 12, 31).isSuperset(of: ["ESH0", "CLG0", "GCG0", "GCJ0"]))
  }

  @Test func optionsAreOfTheNextMonthlyExpiriesInTheClearingHousesForm() {
    let board = OptionsBoard.instruments(on: CivilDate(2026, 11, 30))
    let symbols = board.map(\.symbol)
    #expect(symbols.count == 120 && Set(symbols).count == 120 && symbols.allSatisfy { $0.count == 21 })
    #expect(symbols[0] == "SPY   261218C00685000" && symbols.contains("NVDA  270115P00175000"))
    // Juneteenth 2026 is a third Friday.
    #expect(OptionsBoard.instruments(on: CivilDate(2026, 6, 1))[0].symbol == "SPY   260618C00685000")
    #expect(OptionsBoard.instruments(on: CivilDate(2026, 12, 14))[0].symbol == "SPY   270115C00685000")
    // A call that is further in the money costs more.
    let calls = [675, 680, 685, 690, 695].map { strike in
      board.first { $0.symbol == "SPY   261218C00\(strike)000" }?.price ?? 0
    }
    #expect(calls == calls.sorted(by: >) && (calls.last ?? 0) > 1 && (calls.first ?? 0) < 30)
  }

  @Test(arguments: DemoMarket.allCases) func pricesStayOnTheirGridAndAboveNothing(_ market: DemoMarket) {
    var generator = market.generator(seed: 7, rate: 1_000, startNanos: nanos(2026, 11, 30, 14, 30))
    var seen: Set<String> = []
    for _ in 0..<50_000 {
      let row = generator.next()
      seen.insert(row.symbol)
      #expect(row.price > 0 && row.size > 0)
      // As people would write it: nine digits behind the point are enough for every market.
      let billionths = row.price * 1e9
      #expect((billionths - billionths.rounded()).magnitude <= 1e-6 * max(1, billionths), "\(row)")
    }
    #expect(seen.count == generator.symbols.count)
    if market == .crypto { #expect(CoinBoard.instruments.contains { $0.price < 0.01 }) }
  }
}
