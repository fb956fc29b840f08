import Detection
import MarketData
import Settings
import TestKit
import Testing

/// Hand-worked series of bars, clause by clause of detectors.md.
@Suite struct BarRulesTests {
  private static let second: Int64 = 1_000_000_000
  private static let minute: Int64 = 60 * second
  /// 2023-11-15 00:00 UTC; 14:30 is 09:30 in New York.
  private static let day: Int64 = 1_700_006_400_000_000_000

  private struct Feed {
    var engine: BarEngine
    var events: [MarketEvent] = []

    init(_ calendar: TradingCalendar = .continuous, _ change: (inout BarDetectorSettings) -> Void = { _ in }) {
      var settings = BarDetectorSettings()
      change(&settings)
      engine = BarEngine(profiles: [BarProfile(name: "p", calendar: calendar, settings: settings)])
    }

    /// A bar that starts so many minutes after the day began.
    @discardableResult
    mutating func bar(
      _ at: Int64, _ open: Double, _ close: Double, volume: Double = 100, vwap: Double = 0,
      duration: Int64 = BarRulesTests.minute
    ) -> ItemOutcome {
      let bar = Bar(
        symbol: SymbolID(0), start: UnixNanos(day + at * minute), durationNanos: duration, open: open,
        high: max(open, close), low: min(open, close), close: close, volume: volume, vwap: vwap, tradeCount: 2)
      return engine.process(bar, profile: 0, events: &events)
    }

    func of(_ type: EventType) -> [MarketEvent] { events.filter { $0.type == type } }

    var windows: [Bar] {
      events.compactMap { event in
        if case .barClosed(let bar) = event.detail { bar } else { nil }
      }
    }
  }

  // MARK: - Failure paths

  @Test func aBarThatStartsBeforeTheNewestIsLate() {
    var feed = Feed()
    #expect(feed.bar(5, 50, 50) == [])
    #expect(feed.bar(4, 60, 60) == .late)
    // Another version of the newest one takes its place.
    #expect(feed.bar(5, 60, 60) == .revised)
    #expect(feed.engine.snapshot(of: SymbolID(0))?.lastPrice == 60)
    #expect(feed.bar(4, 70, 70) == .late)
    #expect(feed.events.isEmpty)
    // Another duration is another series.
    #expect(feed.bar(5, 50, 50, duration: 300 * Self.second) == [])
    #expect(feed.engine.snapshot(of: SymbolID(1)) == nil)
  }

  @Test func anyValidBarIsTaken() {
    for calendar in [TradingCalendar.continuous, .usEquities] {
      var engine = BarEngine(
        profiles: [BarProfile(name: "p", calendar: calendar, settings: BarDetectorSettings())])
      var events: [MarketEvent] = []
      var random = SeededRandom(seed: 11)
      let prices = [Double.leastNonzeroMagnitude, 1e-300, 1, 1e300, .greatestFiniteMagnitude]
      let starts: [Int64] = [1, 2, Self.day, Self.day + 1, Self.day + 86_400 * Self.second, .max - 1, .max]
      let durations: [Int64] = [1, 7, Self.second, Self.minute, 86_400 * Self.second, .max]
      for number in 0..<5_000 {
        let range = [prices.randomElement(using: &random) ?? 1, prices.randomElement(using: &random) ?? 1].sorted()
        let duration = number % 10 == 0 ? Int64(number + 1) : durations.randomElement(using: &random) ?? 1
        let bar = Bar(
          symbol: SymbolID(UInt32.random(in: 0...40, using: &random)),
          start: UnixNanos(starts.randomElement(using: &random) ?? 1), durationNanos: duration, open: range[0],
          high: range[1], low: range[0], close: range[1], volume: [0, 1, 1e308].randomElement(using: &random) ?? 0,
          vwap: [0, range[1]].randomElement(using: &random) ?? 0, tradeCount: .max)
        _ = engine.process(bar, profile: 0, events: &events)
        if case .barClosed(let window)? = events.last?.detail { #expect(window.vwap.isFinite) }
        events.removeAll(keepingCapacity: true)
      }
    }
  }

  @Test func badSettingsAreNamedWithTheirRange() {
    var settings = BarDetectorSettings()
    #expect(settings.problems() == [])
    settings.gap.gapPct = 0
    settings.significantMove.movePctDaily = .nan
    settings.volumeSpike.history = 9
    settings.highLow.closes = 0
    settings.aggregate.windowsNanos = [900 * Self.second, 300 * Self.second, 1]
    let keys = settings.problems().map(\.key)
    #expect(
      keys == [
        "gap.gap_pct", "significant_move.move_pct_daily", "volume_spike.history", "high_low.closes",
        "aggregate.windows[2]", "aggregate.windows",
      ])
    settings.aggregate.windowsNanos = []
    #expect(settings.problems().contains { $0.key == "aggregate.windows" && $0.message.contains("1 to 8") })
  }

  // MARK: - GAP, SIGNIFICANT_MOVE

  /// 50 to 50.5 is 1 %; the move from 50 to 50.24 is 0.48 %, to 50.25 it is 0.5 %.
  @Test func stepsAndMovesAreToldAtTheirThresholds() {
    var feed = Feed()
    feed.bar(0, 50, 50)
    feed.bar(1, 50.49, 50.24)
    #expect(feed.events.isEmpty)
    feed.bar(2, 50.24, 50)
    feed.bar(3, 50.5, 50.25)
    #expect(feed.events.map(\.type) == [.gap, .significantMove])
    #expect(feed.events.map(\.price) == [50.5, 50.25])
    guard case .gap(let gap) = feed.events[0].detail, case .move(let move) = feed.events[1].detail else {
      return #expect(Bool(false))
    }
    #expect(gap.previousClose == 50 && !gap.acrossSessions && gap.durationNanos == Self.minute)
    #expect((move.movePct - 0.5).magnitude < 1e-9)
    // 100·(50.5 − 50.25)/50
    #expect((move.rangePct - 0.5).magnitude < 1e-9)
    #expect((feed.events[1].significance - 25).magnitude < 1e-6)
  }

  /// The first bar of a session refers to its own open; a day's bar to the day before, whose session is another.
  @Test func theReferenceOfAMoveIsTheSessions() {
    var feed = Feed(.usEquities) { $0.aggregate.enabled = false }
    feed.bar(14 * 60 + 29, 50, 50)
    feed.bar(14 * 60 + 30, 50.4, 50.4)
    #expect(feed.events.isEmpty)
    feed.bar(14 * 60 + 31, 50.4, 50.7)
    #expect(feed.events.map(\.type) == [.significantMove])
    let daily = 86_400 * Self.second
    var days = Feed(.usEquities) { $0.aggregate.enabled = false }
    days.bar(5 * 60, 50, 50, duration: daily)
    days.bar(29 * 60, 50.5, 52.5, duration: daily)
    #expect(days.events.map(\.type) == [.significantMove])
    #expect(days.events[0].session == .regular)
    days.bar(53 * 60, 54, 54, duration: daily)
    guard case .gap(let gap)? = days.of(.gap).first?.detail else { return #expect(Bool(false)) }
    #expect(gap.acrossSessions)
  }

  /// Midnight to 04:00 in New York is CLOSED: 09:00 UTC is 04:00 there.
  @Test func inClosedOnlyThePreviousCloseIsUpdated() {
    var feed = Feed(.usEquities)
    #expect(feed.bar(6 * 60, 50, 50) == .outOfSession)
    #expect(feed.bar(6 * 60 + 1, 70, 80) == .outOfSession)
    #expect(feed.events.isEmpty)
    #expect(feed.bar(9 * 60, 81, 81) == [])
    guard case .gap(let gap)? = feed.events.first?.detail else { return #expect(Bool(false)) }
    #expect(gap.previousClose == 80)
    #expect(gap.acrossSessions)
  }

  // MARK: - VOLUME_SPIKE, HIGH, LOW

  /// The mean of ten bars is 100: 500 is the fifth multiple. With nine bars nothing is said.
  @Test func aVolumeSpikeWantsTenBarsOfItsSession() {
    for (count, told) in [(9, false), (10, true)] {
      var feed = Feed()
      for at in 0..<count { feed.bar(Int64(at), 50, 50) }
      feed.bar(Int64(count), 50, 50.01, volume: 500)
      #expect(feed.of(.volumeSpike).count == (told ? 1 : 0))
      if told { #expect(feed.events[feed.events.count - 1].direction == .up) }
    }
    var late = Feed()
    for at in 0..<10 { late.bar(1_430 + Int64(at), 50, 50) }
    late.bar(1_440, 50, 50, volume: 500)
    #expect(late.of(.volumeSpike).isEmpty)
  }

  /// With three closes asked for: the fourth bar's close passes them all; the fifth's does too, but it only goes on.
  @Test func highsOfClosesAreToldWhenTheyBegin() {
    var feed = Feed { $0.highLow.closes = 3 }
    for (at, close) in [50, 50.1, 50.05, 50.12, 50.13, 50.13, 50.14, 50.04].enumerated() {
      feed.bar(Int64(at), close, close)
    }
    let told = feed.events.filter { $0.type == .high || $0.type == .low }
    #expect(told.map(\.type) == [.high, .high, .low])
    #expect(told.map(\.price) == [50.12, 50.14, 50.04])
    guard case .highLow(let detail) = told[2].detail else { return #expect(Bool(false)) }
    #expect(detail.previousAnchor == 50.13)
    #expect(detail.sessionHigh == 50.14 && detail.sessionLow == 50.04)
    #expect(detail.count == 1 && detail.sinceOppositeNanos == -1 && detail.trend == .unspecified)
  }

  // MARK: - BAR_CLOSED

  @Test func aWindowIsClosedByTheBarThatCompletesIt() {
    var feed = Feed { $0.aggregate.windowsNanos = [5 * Self.minute] }
    for at in 0..<5 {
      feed.bar(Int64(at), 50 + Double(at) / 100, 50.01 + Double(at) / 100, vwap: at == 3 ? 52 : 51)
    }
    #expect(feed.windows.count == 1)
    let window = feed.windows[0]
    #expect(window.start.nanoseconds == Self.day && window.durationNanos == 5 * Self.minute)
    #expect(window.open == 50 && window.close == 50.05 && window.low == 50 && window.high == 50.05)
    #expect(window.volume == 500 && window.tradeCount == 10)
    // (4·51 + 52)/5
    #expect((window.vwap - 51.2).magnitude < 1e-9)
    #expect(feed.events[0].eventTime.nanoseconds == Self.day + 4 * Self.minute)
    #expect(feed.events[0].source == .barWindow(durationNanos: Self.minute, windowNanos: 5 * Self.minute))
  }

  /// A bar after a pause closes the old window first and, if it completes its own, that last: two events of one id but for the number.
  @Test func anArrivalClosesWhatEndedBefore() {
    var feed = Feed { $0.aggregate.windowsNanos = [5 * Self.minute] }
    feed.bar(0, 50, 50)
    feed.bar(9, 50.6, 50.6, vwap: 50)
    #expect(feed.events.map(\.type) == [.barClosed, .gap, .significantMove, .barClosed])
    #expect(feed.of(.barClosed).map(\.occurrence) == [0, 1])
    // The first window's bar had volume and no vwap.
    #expect(feed.windows.map(\.vwap) == [0, 50])
  }

  /// One bar at 09:28 New York, in PRE: its window ends at the open, though the next aligned one would end at 10:00.
  @Test func windowsAreCutAtSessionChanges() {
    var feed = Feed(.usEquities) { $0.aggregate.windowsNanos = [60 * Self.minute] }
    feed.bar(14 * 60 + 28, 50, 50)
    feed.bar(14 * 60 + 29, 50, 50)
    #expect(feed.windows.map(\.start.nanoseconds) == [Self.day + 14 * 60 * Self.minute])
    #expect(feed.events[0].session == .pre)
    feed.bar(14 * 60 + 59, 50, 50)
    #expect(feed.windows.map(\.start.nanoseconds).last == Self.day + (14 * 60 + 30) * Self.minute)
  }

  @Test func windowsThatAreNoMultipleAreSkipped() {
    var feed = Feed()
    feed.bar(0, 50, 50, duration: 7 * Self.minute)
    feed.bar(100, 50, 50, duration: 7 * Self.minute)
    #expect(feed.windows.isEmpty)
  }

  // MARK: - Moving and changing

  @Test func newSettingsKeepWhatIsRemembered() {
    var feed = Feed()
    feed.bar(0, 50, 50)
    var settings = BarDetectorSettings()
    settings.gap.gapPct = 0.1
    feed.engine.replace(profiles: [BarProfile(name: "p", calendar: .continuous, settings: settings)])
    feed.bar(1, 50.1, 50.1)
    #expect(feed.events.map(\.type) == [.gap])
    feed.engine.resetState(of: SymbolID(0))
    #expect(feed.bar(0, 55, 55) == [])
    #expect(feed.events.count == 1)
    #expect(feed.engine.takeState(of: SymbolID(9)) == nil)
    #expect(feed.engine.takeState(of: SymbolID(0)) != nil)
    #expect(feed.engine.symbolCount == 0)
  }

  /// Seventeen durations: the one that has been silent longest is forgotten, so its next bar has none before it.
  @Test func aSymbolKeepsSixteenDurations() {
    var feed = Feed { $0.aggregate.enabled = false }
    for number in 1...17 { feed.bar(0, 50, 50, duration: Int64(number) * Self.second) }
    feed.bar(1, 60, 60, duration: Self.second)
    #expect(feed.events.isEmpty)
    feed.bar(1, 60, 60, duration: 17 * Self.second)
    #expect(feed.of(.gap).count == 1)
  }
}
