import Detection
import MarketData
import Settings
import TestKit
import Testing

/// Hand-worked series, clause by clause of detectors.md.
@Suite struct DetectorRulesTests {
  private static let second: Int64 = 1_000_000_000
  private static let day = TickFeed.day

  private typealias Feed = TickFeed

  // MARK: - HIGH, LOW

  /// At 50 the least change is max(0.05, 0.08 % of 50 = 0.04) = 0.05; 50.05 − 50.00 reaches it by the slack, 50.04 does not.
  @Test func aHighIsToldAtItsThreshold() {
    var feed = Feed()
    feed.tick(0, 50)
    feed.tick(1, 50.04)
    #expect(feed.types == [])
    feed.tick(2, 50.05)
    #expect(feed.types == [.high])
    guard case .highLow(let detail) = feed.events[0].detail else { return #expect(Bool(false)) }
    #expect(detail.previousAnchor == 50)
    #expect(detail.count == 1)
    #expect(detail.sinceOppositeNanos == -1)
    #expect(feed.events[0].price == 50.05)
    #expect(feed.events[0].direction == .up)
  }

  /// The second high falls into the first's cooldown of 1 s; the first tick after it tells the extreme, though it trades lower.
  @Test func aHighHeldBackByItsCooldownIsToldWhenItEnds() {
    var feed = Feed()
    feed.tick(0, 50)
    feed.tick(10, 50.1)
    feed.tick(10.5, 50.2, 7)
    #expect(feed.taken() == [.high])
    feed.tick(11, 50.15, 9)
    #expect(feed.types == [.high])
    #expect(feed.events[0].price == 50.2)
    #expect(feed.events[0].size == 9)
    guard case .highLow(let detail) = feed.events[0].detail else { return #expect(Bool(false)) }
    #expect(detail.extremeTime.nanoseconds == Self.day + 10_500_000_000)
    #expect(detail.count == 2)
  }

  /// The tick without a price passes the end of the cooldown and tells nothing; the next one, in the same second, does.
  @Test func aHighIsToldBehindATickWithoutAPrice() {
    var feed = Feed()
    feed.tick(0.1, 50)
    feed.tick(1.2, 50.1)
    feed.tick(1.5, 50.2)
    feed.tick(2.1, 50.15)
    #expect(feed.taken() == [.high])
    feed.tick(2.3, 50.15, 10, .notEligibleForPrices)
    #expect(feed.types == [])
    feed.tick(2.5, 50.15, 3)
    #expect(feed.types == [.high])
    #expect(feed.events.first?.price == 50.2)
    #expect(feed.events.first?.size == 3)
  }

  @Test func aLowAfterAHighWithinTheWindowIsAReversal() {
    var feed = Feed()
    feed.tick(0, 50)
    feed.tick(1, 50.1)
    feed.tick(301, 49.9)
    feed.tick(602.5, 50.3)
    let details = feed.events.compactMap { event -> HighLowDetail? in
      if case .highLow(let detail) = event.detail { detail } else { nil }
    }
    #expect(feed.types.filter { $0 == .high || $0 == .low } == [.high, .low, .high])
    #expect(details.map(\.reversal) == [false, true, false])
    #expect(details.map(\.sinceOppositeNanos) == [-1, 300 * Self.second, 301_500_000_000])
  }

  /// At 50: 0.10 in PRE, 0.075 in the first half hour of REGULAR, 0.05 after. 2023-11-15 09:30 New York is 14:30 UTC.
  @Test func extendedHoursAndTheOpeningWantMore() {
    let open = 14.5 * 3_600
    for (at, step, told) in [
      (10 * 3_600.0, 0.09, false), (10 * 3_600.0, 0.10, true), (open, 0.07, false), (open, 0.08, true),
      (open + 1_801, 0.05, true), (open + 1_801, 0.04, false), (22 * 3_600.0, 0.09, false), (22 * 3_600.0, 0.10, true),
    ] {
      var feed = Feed(.usEquities)
      feed.tick(at, 50)
      feed.tick(at + 2, 50 + step)
      #expect(feed.types == (told ? [.high] : []), "\(at) \(step)")
    }
  }

  @Test func aNewSessionStartsAfresh() {
    var feed = Feed()
    feed.tick(86_390, 50)
    feed.tick(86_395, 50.2)
    #expect(feed.taken() == [.high])
    feed.tick(86_401, 50.3)
    feed.tick(86_402, 50.34)
    #expect(feed.taken() == [])
    feed.tick(86_403, 50.35)
    #expect(feed.taken() == [.high])
  }

  /// PRE went from 50 to 51, and REGULAR begins at 50.6: its highs are not the day's. The next day begins afresh.
  @Test func theExtremesOfTheDayGoOnOverItsSessions() {
    var feed = Feed(.usEquities)
    feed.tick(13 * 3_600, 50)
    feed.tick(13 * 3_600 + 10, 50.2)
    for at in [20.0, 30, 40, 50, 60] { feed.tick(13 * 3_600 + at, 51) }
    feed.tick(15 * 3_600 + 1, 50.6)
    feed.tick(15 * 3_600 + 10, 50.7)
    feed.tick(15 * 3_600 + 20, 50.46)
    feed.tick(39 * 3_600, 50.4)
    feed.tick(39 * 3_600 + 10, 50.6)
    let details = feed.events.compactMap { event -> HighLowDetail? in
      if case .highLow(let detail) = event.detail { detail } else { nil }
    }
    #expect(details.map(\.sessionHigh) == [50.2, 51, 50.7, 50.7, 50.6])
    #expect(details.map(\.dayHigh) == [50.2, 51, 51, 51, 50.6])
    #expect(details.map(\.dayLow) == [50, 50, 50, 50, 50.4])
  }

  // MARK: - Order and eligibility

  @Test func lateTicksAreIgnoredAndYoungerOnesUsedAtTheWatermark() {
    var feed = Feed()
    feed.tick(100, 50)
    #expect(feed.tick(94.9, 60) == .late)
    #expect(feed.tick(95, 50.2) == [])
    #expect(feed.types == [.high])
    #expect(feed.events[0].eventTime.nanoseconds == Self.day + 100 * Self.second)
    #expect(feed.engine.watermark.nanoseconds == Self.day + 100 * Self.second)
  }

  @Test func ticksNotEligibleForHighLowMoveOnlyTheWatermarkAndVolume() {
    var feed = Feed()
    feed.tick(0, 50)
    feed.tick(10, 80, 5, .notEligibleForPrices)
    #expect(feed.types == [])
    #expect(feed.engine.snapshot(of: SymbolID(0))?.lastPrice == 50)
    #expect(feed.tick(4, 50) == .late)
  }

  @Test func inClosedOnlyTheLastPriceIsUpdated() {
    var feed = Feed(.usEquities)
    // 2023-11-15 05:00 UTC is midnight in New York.
    #expect(feed.tick(5 * 3_600, 50) == .outOfSession)
    #expect(feed.tick(5 * 3_600 + 1, 50.2) == .outOfSession)
    // Silently quarantined.
    #expect(feed.tick(5 * 3_600 + 2, 70) == [.outOfSession, .quarantined])
    #expect(feed.types == [])
    #expect(feed.engine.snapshot(of: SymbolID(0))?.lastPrice == 50.2)
  }

  /// The fifth print at 60 is believed, and 20 % are learned: 90, 50 % further, is beyond 2 · 20 %.
  @Test func furtherEventsOfOneTimeAreNumbered() {
    var feed = Feed()
    feed.tick(0, 50)
    for _ in 0..<5 { feed.tick(10, 60) }
    feed.tick(10, 90)
    #expect(feed.types == [.quarantine, .quarantine, .high, .quarantine])
    #expect(feed.events.map(\.occurrence) == [0, 1, 0, 2])
  }

  // MARK: - Relative volume

  /// Sizes such as these add up and subtract to a little less or more than nothing.
  @Test func anEmptyWindowHasNoVolume() throws {
    var feed = Feed { $0.printFilter.enabled = false }
    var random = SeededRandom(seed: 1)
    for at in 0..<200 { feed.tick(Double(at), 100, Double(random.next() % 10_000) / 1_000) }
    for at in 200..<400 {
      feed.tick(Double(at), 100, 0)
      let q = try #require(feed.engine.snapshot(of: SymbolID(0))).relativeVolume
      #expect(at < 259 ? q > 0 : q == 0, "\(at): \(q)")
    }
  }

  /// Of 10^17 shares a double knows no quarter.
  @Test func whatStaysOfALargeVolumeIsExact() throws {
    var feed = Feed { $0.printFilter.enabled = false }
    for at in 0..<100 { feed.tick(Double(at), 100, 1) }
    feed.tick(100, 100, 1e17)
    feed.tick(130, 100, 0.25)
    feed.tick(161, 100, 0)
    let q = try #require(feed.engine.snapshot(of: SymbolID(0))).relativeVolume
    feed.tick(162, 100, 0.25)
    let twice = try #require(feed.engine.snapshot(of: SymbolID(0))).relativeVolume
    #expect(q > 0)
    #expect(abs(twice / q - 2) < 0.05)
  }

  /// After 700 time constants the mean is a denormal, and a share would be 10^308 times it.
  @Test func relativeVolumeIsFinite() throws {
    for gap in stride(from: 19_000.0, through: 25_000, by: 250) {
      var feed = Feed {
        $0.printFilter.enabled = false
        $0.activity.volumeTimeNanos = 30 * Self.second
      }
      for at in 0..<200 { feed.tick(Double(at), 100, 10) }
      feed.tick(200 + gap, 101, 1e6)
      let q = try #require(feed.engine.snapshot(of: SymbolID(0))).relativeVolume
      #expect(q.isFinite, "\(gap)")
    }
  }

  // MARK: - Robustness

  /// Any finite price above 0, any size, any time: no trap, and the engine goes on.
  @Test func extremeInputsAreTaken() {
    for calendar in [TradingCalendar.continuous, .usEquities] {
      var engine = TickEngine(
        profiles: [TickProfile(name: "p", calendar: calendar, settings: TickDetectorSettings())])
      var events: [MarketEvent] = []
      var random = SeededRandom(seed: 3)
      let prices = [1e-300, Double.leastNonzeroMagnitude, 1, 1e300, Double.greatestFiniteMagnitude]
      let sizes = [0, 1, 1e300, Double.greatestFiniteMagnitude]
      let times: [Int64] = [1, 2, Self.day, Self.day + 1, .max - 1, .max]
      for _ in 0..<3_000 {
        let tick = Tick(
          symbol: SymbolID(UInt32.random(in: 0...3, using: &random)),
          conditions: TickConditions(rawValue: UInt32.random(in: 0...3, using: &random)),
          eventTime: UnixNanos(times.randomElement(using: &random) ?? 1),
          price: prices.randomElement(using: &random) ?? 1,
          size: sizes.randomElement(using: &random) ?? 1)
        _ = engine.process(tick, profile: 0, events: &events)
        if let state = engine.snapshot(of: tick.symbol) { #expect(state.watermark >= tick.eventTime) }
      }
    }
  }

  @Test func badSettingsAreNamedWithTheirRange() {
    var settings = TickDetectorSettings()
    #expect(settings.problems() == [])
    settings.surge.z = 0
    settings.activity.windowNanos = 1_500_000_000
    settings.trend.horizonsNanos = [60_000_000_000, 60_000_000_000]
    settings.highLow.bands[4].below = 500
    settings.printFilter.confirm = 1
    let keys = settings.problems().map(\.key)
    for key in ["surge.z", "activity.window", "trend.horizons", "high_low.bands[4].below", "print_filter.confirm"] {
      #expect(keys.contains(key), "\(keys)")
    }
  }
}
