import Detection
import MarketData
import Testing

/// VWAP_CROSS, OPENING_RANGE_BREAK and GAP by hand-worked series.
@Suite struct SessionDetectorTests {
  /// 2013-10-08 00:00 in New York; the session opens 34,200 s later.
  private static let midnight: Int64 = 1_381_204_800_000_000_000
  private static let open = 34_200.0

  private struct Feed {
    var engine: TickEngine
    var events: [MarketEvent] = []

    init(_ calendar: TradingCalendar = .usEquities, _ change: (inout TickDetectorSettings) -> Void = { _ in }) {
      var settings = TickDetectorSettings()
      settings.highLow.enabled = false
      settings.surge.enabled = false
      settings.volumeSpike.enabled = false
      settings.trend.enabled = false
      settings.printFilter.enabled = false
      change(&settings)
      engine = TickEngine(profiles: [TickProfile(name: "p", calendar: calendar, settings: settings)])
    }

    /// - Parameter at: seconds since midnight in New York.
    mutating func tick(_ at: Double, _ price: Double, _ size: Double = 100, _ conditions: TickConditions = []) {
      _ = engine.process(
        Tick(
          symbol: SymbolID(0), conditions: conditions, eventTime: UnixNanos(midnight + Int64(at * 1e9)), price: price,
          size: size), profile: 0, events: &events)
    }

    mutating func taken() -> [MarketEvent] {
      defer { events.removeAll() }
      return events
    }
  }

  // MARK: - VWAP_CROSS

  /// 100·100 + 110·100 = 21,000 over 200: 105; 110 is above (silently, the first side). 296 s after the session's first tick 90·200 makes
  /// 39,000/400 = 97.5: below, but only for 5 s it is the new side; 90·100 make 48,000/500 = 96.
  @Test func aCrossingIsToldOnceTheSessionIsWarm() throws {
    var feed = Feed()
    feed.tick(Self.open, 100)
    feed.tick(Self.open + 10, 110)
    feed.tick(Self.open + 296, 90, 200)
    feed.tick(Self.open + 300.9, 90, 0)
    #expect(feed.taken().isEmpty)
    feed.tick(Self.open + 301, 90, 100)
    let event = try #require(feed.taken().first)
    #expect(event.type == .vwapCross && event.direction == .down)
    guard case .vwap(let detail) = event.detail else { return #expect(Bool(false)) }
    #expect(detail.vwap == 96)
    #expect(detail.previousLastedNanos == 291_000_000_000)
  }

  /// The change at 299 s is taken silently: the next one is told, and lasted from there.
  @Test func aChangeBeforeTheWarmUpIsTakenInSilence() throws {
    var feed = Feed()
    feed.tick(Self.open, 100)
    feed.tick(Self.open + 10, 110)
    feed.tick(Self.open + 290, 90, 200)
    feed.tick(Self.open + 299, 90, 0)
    feed.tick(Self.open + 400, 120, 1)
    #expect(feed.taken().isEmpty)
    feed.tick(Self.open + 405, 120, 1)
    let event = try #require(feed.taken().first)
    guard case .vwap(let detail) = event.detail else { return #expect(Bool(false)) }
    #expect(event.direction == .up)
    #expect(detail.previousLastedNanos == 106_000_000_000)
  }

  /// A price back on the old side begins the 5 s anew; one within the band does not.
  @Test func onlyTheOldSideEndsACrossing() {
    var feed = Feed { $0.vwapCross.bandPct = 1 }
    feed.tick(Self.open, 100, 1_000_000)
    feed.tick(Self.open + 1, 102, 1)
    feed.tick(Self.open + 400, 98, 1)
    feed.tick(Self.open + 403, 102, 1)
    feed.tick(Self.open + 406, 98, 1)
    feed.tick(Self.open + 408, 100, 1)
    feed.tick(Self.open + 410.9, 98, 1)
    #expect(feed.taken().isEmpty)
    feed.tick(Self.open + 411, 98, 1)
    #expect(feed.taken().map(\.direction) == [.down])
  }

  @Test func withoutAHoldACrossingIsToldAtOnce() {
    var feed = Feed { $0.vwapCross.holdNanos = 0 }
    feed.tick(Self.open, 100)
    feed.tick(Self.open + 10, 110)
    feed.tick(Self.open + 300, 90, 200)
    #expect(feed.taken().map(\.direction) == [.down])
  }

  /// Within the band the side stays; what counts for no volume moves no average, but may cross it.
  @Test func theBandAndTheConditionsAreKept() {
    var feed = Feed { $0.vwapCross.bandPct = 1 }
    feed.tick(Self.open, 100, 1_000_000)
    feed.tick(Self.open + 1, 102, 1)
    feed.tick(Self.open + 400, 99.5, 1)
    feed.tick(Self.open + 401, 98, 5_000_000, .notEligibleForVolume)
    #expect(feed.taken().isEmpty)
    feed.tick(Self.open + 406, 98, 5_000_000, .notEligibleForVolume)
    #expect(feed.taken().map(\.direction) == [.down])
    feed.tick(Self.open + 407, 150, 1, .notEligibleForPrices)
    feed.tick(Self.open + 417, 150, 1, .notEligibleForPrices)
    #expect(feed.taken().isEmpty)
  }

  /// Odd lots have no side, but move the average where they pass the print filter: (100·100 + 100.4·300)/400 = 100.3, not with 300 at 120.
  @Test func oddLotsMoveTheAverage() {
    var feed = Feed { $0.printFilter.enabled = true }
    feed.tick(Self.open, 100)
    feed.tick(Self.open + 1, 100.4, 300, .notEligibleForPrices)
    feed.tick(Self.open + 2, 120, 300, .notEligibleForPrices)
    feed.tick(Self.open + 3, 100.2, 300, TickConditions(rawValue: 3))
    let state = feed.engine.snapshot(of: SymbolID(0))
    #expect(((state?.vwap ?? 0) - 100.3).magnitude < 1e-9)
    #expect(state?.lastPrice == 100 && state?.sessionHigh == 100)
    #expect(state?.watermark.nanoseconds == Self.midnight + Int64((Self.open + 3) * 1e9))
    #expect(feed.taken().isEmpty)
  }

  @Test func withoutVolumeThereIsNoAverage() {
    var feed = Feed()
    feed.tick(Self.open, 100, 0)
    feed.tick(Self.open + 400, 200, 0)
    feed.tick(Self.open + 500, 50, 0)
    #expect(feed.taken().isEmpty)
  }

  // MARK: - OPENING_RANGE_BREAK

  /// The range of 09:30 to 09:45 is 99 to 101; 0.05 % beyond 101 is 101.0505, beyond 99 it is 98.9505. Each side breaks once.
  @Test func eachSideBreaksOnce() throws {
    var feed = Feed()
    for (at, price) in [(0.0, 100.0), (100, 101), (899, 99)] { feed.tick(Self.open + at, price) }
    feed.tick(Self.open + 900, 101.05)
    #expect(feed.taken().filter { $0.type == .openingRangeBreak }.isEmpty)
    feed.tick(Self.open + 901, 101.0505)
    let event = try #require(feed.taken().first { $0.type == .openingRangeBreak })
    #expect(event.direction == .up)
    guard case .rangeBreak(let detail) = event.detail else { return #expect(Bool(false)) }
    #expect(detail.rangeHigh == 101 && detail.rangeLow == 99 && detail.minutes == 15)
    feed.tick(Self.open + 902, 100)
    feed.tick(Self.open + 903, 103)
    feed.tick(Self.open + 904, 98)
    feed.tick(Self.open + 905, 97)
    #expect(feed.taken().filter { $0.type == .openingRangeBreak }.map(\.direction) == [.down])
  }

  /// Without a band the edge itself is beyond, in the second of the tick before it as in a new one.
  @Test(arguments: [0.000_001, 1.0])
  func withoutABandTheEdgeBreaks(after seconds: Double) {
    var feed = Feed { $0.openingRange.bandPct = 0 }
    for (at, price) in [(0.0, 100.0), (1, 100.1), (960, 100.05)] { feed.tick(Self.open + at, price) }
    #expect(feed.taken().isEmpty)
    feed.tick(Self.open + 960 + seconds, 100.1)
    #expect(feed.taken().filter { $0.type == .openingRangeBreak }.map(\.direction) == [.up])
  }

  /// Trading before the open makes no range; neither does a symbol's first tick after the range's end.
  @Test func withoutATickInTheFirstMinutesNothingBreaks() {
    var feed = Feed()
    feed.tick(Self.open - 60, 50)
    feed.tick(Self.open + 900, 100)
    feed.tick(Self.open + 1_000, 200)
    feed.tick(Self.open + 1_001, 20)
    #expect(!feed.taken().contains { $0.type == .openingRangeBreak })
  }

  // MARK: - GAP

  /// The close is 100, at 15:59; trading at 104 after hours and before the next open does not count. 101 at the open is 1 %: it reaches the threshold.
  @Test func theOpenIsComparedWithTheLastRegularPrice() throws {
    var feed = Feed()
    feed.tick(Self.open, 90)
    feed.tick(Self.open + 23_000, 100)
    feed.tick(Self.open + 24_000, 104)
    feed.tick(Self.open + 86_000, 103)
    #expect(!feed.taken().contains { $0.type == .gap })
    feed.tick(Self.open + 86_400, 101)
    let event = try #require(feed.taken().first { $0.type == .gap })
    #expect(event.direction == .up && event.price == 101 && event.session == .regular)
    guard case .gap(let detail) = event.detail else { return #expect(Bool(false)) }
    #expect(detail.previousClose == 100 && detail.acrossSessions && detail.durationNanos == 0)
    #expect((detail.gapPct - 1).magnitude < 1e-12)
    #expect((event.significance - 25).magnitude < 1e-9)
  }

  /// What the open of the next day is compared with, by what came before it: seconds since midnight, price, conditions.
  private func previousClose(_ ticks: [(Double, Double, TickConditions)], open: Double = 110) -> Double? {
    var feed = Feed()
    feed.tick(Self.open, 90)
    for (at, price, conditions) in ticks { feed.tick(at, price, 100, conditions) }
    feed.tick(Self.open + 86_400, open)
    guard case .gap(let detail)? = feed.taken().first(where: { $0.type == .gap })?.detail else { return nil }
    return detail.previousClose
  }

  @Test func theOfficialCloseTakesThePlaceOfTheLastPrice() {
    let end = 16 * 3_600.0
    #expect(previousClose([(end - 1, 100, [])]) == 100)
    // After the bell, in POST; a later one replaces it; one inside REGULAR holds though trading goes on.
    #expect(previousClose([(end - 1, 100, []), (end + 60, 101, .officialClose)]) == 101)
    #expect(previousClose([(end + 60, 101, .officialClose), (end + 90, 102, .officialClose)]) == 102)
    #expect(previousClose([(end - 9, 101, .officialClose), (end - 1, 100, [])]) == 101)
    #expect(previousClose([(end - 9, 101, .officialClose), (end + 60, 102, .officialClose)]) == 102)
    // One in CLOSED, at 02:00, as one whose price counts for nothing else.
    #expect(previousClose([(end - 1, 100, []), (26 * 3_600, 103, .officialClose)]) == 103)
    #expect(previousClose([(end - 1, 100, []), (end + 60, 101, TickConditions(rawValue: 5))]) == 101)
    // A REGULAR price after one printed outside ends it, and so the next session has the last price.
    #expect(previousClose([(Self.open - 60, 101, .officialClose), (Self.open + 60, 95, [])]) == 95)
  }

  /// 151 is more than 50 % from the last good price, 100: no close of anything. It is the print filter's limit, on or off.
  @Test func aWildOfficialCloseIsNone() {
    #expect(previousClose([(57_599, 100, []), (57_660, 151, TickConditions(rawValue: 5))]) == 100)
    #expect(previousClose([(57_599, 100, []), (57_660, 150, TickConditions(rawValue: 5))], open: 160) == 150)
  }

  @Test func continuousHasNoOfficialClose() {
    var feed = Feed(.continuous)
    feed.tick(0, 100)
    feed.tick(10, 120, 1, .officialClose)
    feed.tick(20, 100)
    feed.tick(86_400, 102)
    guard case .gap(let detail)? = feed.taken().first?.detail else { return #expect(Bool(false)) }
    #expect(detail.previousClose == 100)
  }

  @Test func aSmallerStepAndAFirstSessionAreNoGap() {
    var feed = Feed(.continuous)
    feed.tick(0, 100)
    feed.tick(86_400, 100.9)
    #expect(feed.taken().isEmpty)
    feed.tick(2 * 86_400, 99)
    #expect(feed.taken().map(\.direction) == [.down])
  }
}
