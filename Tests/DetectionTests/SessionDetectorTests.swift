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

  /// 100·100 + 110·100 = 21,000 over 200: 105; 110 is above (silently, the first side). 300 s after the session's first tick 90·200 makes
  /// 39,000/400 = 97.5: below.
  @Test func aCrossingIsToldOnceTheSessionIsWarm() throws {
    var feed = Feed()
    feed.tick(Self.open, 100)
    feed.tick(Self.open + 10, 110)
    #expect(feed.taken().isEmpty)
    feed.tick(Self.open + 300, 90, 200)
    let event = try #require(feed.taken().first)
    #expect(event.type == .vwapCross && event.direction == .down)
    guard case .vwap(let detail) = event.detail else { return #expect(Bool(false)) }
    #expect(detail.vwap == 97.5)
    #expect(detail.previousLastedNanos == 290_000_000_000)
  }

  /// The change at 299 s is taken silently: the next one is told, and lasted from there.
  @Test func aChangeBeforeTheWarmUpIsTakenInSilence() throws {
    var feed = Feed()
    feed.tick(Self.open, 100)
    feed.tick(Self.open + 10, 110)
    feed.tick(Self.open + 299, 90, 200)
    #expect(feed.taken().isEmpty)
    feed.tick(Self.open + 400, 120, 1)
    let event = try #require(feed.taken().first)
    guard case .vwap(let detail) = event.detail else { return #expect(Bool(false)) }
    #expect(event.direction == .up)
    #expect(detail.previousLastedNanos == 101_000_000_000)
  }

  /// Within the band the side stays; what counts for no volume moves no average, but may cross it.
  @Test func theBandAndTheConditionsAreKept() {
    var feed = Feed { $0.vwapCross.bandPct = 1 }
    feed.tick(Self.open, 100, 1_000_000)
    feed.tick(Self.open + 1, 102, 1)
    feed.tick(Self.open + 400, 99.5, 1)
    #expect(feed.taken().isEmpty)
    feed.tick(Self.open + 401, 98, 5_000_000, .notEligibleForVolume)
    #expect(feed.taken().map(\.direction) == [.down])
    feed.tick(Self.open + 402, 150, 1, .notEligibleForHighLow)
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

  @Test func aSmallerStepAndAFirstSessionAreNoGap() {
    var feed = Feed(.continuous)
    feed.tick(0, 100)
    feed.tick(86_400, 100.9)
    #expect(feed.taken().isEmpty)
    feed.tick(2 * 86_400, 99)
    #expect(feed.taken().map(\.direction) == [.down])
  }
}
