import Testing

@testable import MarketData

/// Weeks, ranges and presets. Times are UTC.
@Suite struct WorldCalendarTests {
  private func utc(_ date: CivilDate, _ hour: Int, _ minute: Int = 0) -> UnixNanos {
    UnixNanos(Int64(date.daysSinceEpoch * 86_400 + hour * 3_600 + minute * 60) * 1_000_000_000)
  }

  private func calendar(_ change: (inout CalendarRules) -> Void) throws -> TradingCalendar {
    var rules = CalendarRules.own
    rules.timeZone = "UTC"
    change(&rules)
    return try #require(TradingCalendar(rules))
  }

  private func day(_ date: CivilDate) -> Int32 { Int32(date.daysSinceEpoch) }

  // MARK: - Presets

  /// What each preset trades on Wednesday 2026-01-14, when all have winter time but Sydney, and its ranges in UTC; detectors.md, "Calendar".
  private static let presets: [(CalendarPreset, [(Int, Int, Int, Int)])] = [
    (CalendarPreset.usEquities, [(9, 0, 14, 30), (14, 30, 21, 0), (21, 0, 25, 0)]),
    (.own, [(9, 0, 14, 30), (14, 30, 21, 0), (21, 0, 25, 0)]),
    (.continuous, [(0, 0, 24, 0)]),
    (.usFutures, [(-1, 0, 22, 0)]),
    (.forex, [(-2, 0, 22, 0)]),
    (.london, [(8, 0, 16, 30)]),
    (.xetra, [(8, 0, 16, 30)]),
    (.euronext, [(8, 0, 16, 30)]),
    (.tokyo, [(0, 0, 2, 30), (3, 30, 6, 30)]),
    (.hongKong, [(1, 30, 4, 0), (5, 0, 8, 0)]),
    (.shanghai, [(1, 30, 3, 30), (5, 0, 7, 0)]),
    (.mumbai, [(3, 45, 10, 0)]),
    (.sydney, [(-1, 0, 5, 0)]),
    (.toronto, [(14, 30, 21, 0)]),
    (.riyadh, [(7, 0, 12, 0)]),
  ]

  @Test(arguments: presets)
  func aPresetHasItsMarketsHours(preset: CalendarPreset, hours: [(Int, Int, Int, Int)]) throws {
    let calendar = try #require(TradingCalendar(preset))
    let date = CivilDate(2026, 1, 14)
    var found: [CalendarSegment] = []
    var time = utc(date, -24)
    while time < utc(date, 48) {
      let segment = calendar.segment(at: time)
      if segment.session != .closed, segment.date == day(date) { found.append(segment) }
      time = segment.end
    }
    #expect(found.map(\.start) == hours.map { utc(date, $0.0, $0.1) })
    #expect(found.map(\.end) == hours.map { utc(date, $0.2, $0.3) })
    let isAmerican = hours.count == 3
    let sessions: [TradingSession] =
      isAmerican ? [.pre, .regular, .post] : hours.map { _ in preset == .continuous ? .continuous : .regular }
    #expect(found.map(\.session) == sessions)
  }

  @Test func thereIsARowForEachPreset() { #expect(CalendarPreset.allCases.count == 15) }

  @Test func onlyUSEquitiesHasHolidaysOfItsOwn() {
    // Christmas Day 2026, a Friday; Riyadh's weekend.
    let date = CivilDate(2026, 12, 25)
    for preset in CalendarPreset.allCases where preset != .continuous {
      let rules = CalendarRules(preset)
      #expect(rules.holidays.isEmpty && rules.earlyCloses.isEmpty)
      #expect(rules.isTradingDay(date) == (preset != .usEquities && preset != .riyadh), "\(preset)")
    }
  }

  // MARK: - Ranges that begin the evening before

  /// Clocks went forward on Sunday 2026-03-08, fifteen hours before Monday's session begins, and back on 2026-11-01.
  @Test(arguments: [
    // Fridays and Mondays around both changes: the trading date, and when 17:00 Chicago of the day before and 16:00 are, in UTC.
    (CivilDate(2026, 3, 6), -1, 22), (CivilDate(2026, 3, 9), -2, 21), (CivilDate(2026, 10, 30), -2, 21),
    (CivilDate(2026, 11, 2), -1, 22),
  ])
  func futuresBeginAtFiveInChicagoTheEveningBefore(date: CivilDate, opens: Int, closes: Int) throws {
    let futures = try #require(TradingCalendar(.usFutures))
    let session = CalendarSegment(
      session: .regular, start: utc(date, opens), end: utc(date, closes), date: day(date))
    for time in [session.start, utc(date, 0), utc(date, 12), UnixNanos(session.end.nanoseconds - 1)] {
      #expect(futures.segment(at: time) == session)
    }
    let before = futures.segment(at: UnixNanos(session.start.nanoseconds - 1))
    #expect(before.session == .closed && before.end == session.start)
    let after = futures.segment(at: session.end)
    #expect(after.session == .closed && after.start == session.end)
  }

  /// From Friday 16:00 to Sunday 17:00 Chicago nothing trades, and between two days' sessions an hour is CLOSED.
  @Test func futuresRestOverTheWeekendAndForAnHourADay() throws {
    let futures = try #require(TradingCalendar(.usFutures))
    let friday = CivilDate(2026, 1, 16)
    for hour in 22..<(24 + 24 + 23) {
      #expect(futures.segment(at: utc(friday, hour, 30)).session == .closed, "\(hour)")
    }
    #expect(futures.segment(at: utc(CivilDate(2026, 1, 18), 23)).date == day(CivilDate(2026, 1, 19)))
    let pause = CivilDate(2026, 1, 14)
    #expect(
      futures.segment(at: utc(pause, 22, 30))
        == CalendarSegment(session: .closed, start: utc(pause, 22), end: utc(pause, 23), date: day(pause)))
    let next = futures.segment(at: utc(pause, 23))
    #expect(next.session == .regular && !next.isSameSession(as: futures.segment(at: utc(pause, 21))))
  }

  /// A holiday takes away the evening before it, not that of its own date, which is the next one's.
  @Test func aHolidayIsATradingDate() throws {
    var rules = CalendarRules(.usFutures)
    rules.holidays = [CivilDate(2026, 1, 14)]
    let futures = try #require(TradingCalendar(rules))
    #expect(futures.segment(at: utc(CivilDate(2026, 1, 13), 23, 30)).session == .closed)
    #expect(futures.segment(at: utc(CivilDate(2026, 1, 14), 12)).session == .closed)
    let evening = futures.segment(at: utc(CivilDate(2026, 1, 14), 23, 30))
    #expect(evening.session == .regular && evening.date == day(CivilDate(2026, 1, 15)))
  }

  /// 12:00 Chicago; an early close before midnight is none that can be written.
  @Test func anEarlyCloseEndsARangeOfTheEveningBefore() throws {
    var rules = CalendarRules(.usFutures)
    let date = CivilDate(2026, 11, 27)
    rules.earlyCloses = [date: 12 * 60]
    let segment = try #require(TradingCalendar(rules)).segment(at: utc(date, 0))
    #expect(segment.start == utc(date, -1) && segment.end == utc(date, 18))
  }

  /// Forex never rests on weekdays: one session ends as the next begins, and both are told apart.
  @Test func sessionsThatMeetAreTwo() throws {
    let forex = try #require(TradingCalendar(.forex))
    let wednesday = CivilDate(2026, 1, 14)
    let one = forex.segment(at: utc(wednesday, 21, 59))
    let other = forex.segment(at: utc(wednesday, 22))
    #expect(one.end == other.start && one.session == .regular && other.session == .regular)
    #expect(!one.isSameSession(as: other))
    #expect(other.date == one.date + 1)
  }

  // MARK: - Breaks

  @Test func aLunchBreakDividesASessionInSegments() throws {
    let tokyo = try #require(TradingCalendar(.tokyo))
    let date = CivilDate(2026, 1, 14)
    let morning = tokyo.segment(at: utc(date, 2, 29))
    #expect(morning == CalendarSegment(session: .regular, start: utc(date, 0), end: utc(date, 2, 30), date: day(date)))
    let lunch = tokyo.segment(at: utc(date, 2, 30))
    #expect(lunch == CalendarSegment(session: .closed, start: utc(date, 2, 30), end: utc(date, 3, 30), date: day(date)))
    let afternoon = tokyo.segment(at: utc(date, 3, 30))
    #expect(
      afternoon
        == CalendarSegment(
          session: .regular, start: utc(date, 3, 30), end: utc(date, 6, 30), sessionStart: utc(date, 0),
          breakNanos: 3_600_000_000_000, date: day(date)))
    #expect(morning.isSameSession(as: afternoon) && !lunch.isSameSession(as: lunch))
    #expect(!afternoon.isSameSession(as: tokyo.segment(at: utc(CivilDate(2026, 1, 15), 0))))
  }

  /// Breaks add up, those of the evening before included: a night and two rests by day.
  @Test func breaksAddUp() throws {
    let calendar = try calendar {
      $0.sessions = SessionSchedule([
        SessionRange(.regular, 13 * 60, 15 * 60), SessionRange(.regular, -3 * 60, 2 * 60 + 30),
        SessionRange(.regular, 9 * 60, 12 * 60),
      ])
    }
    let date = CivilDate(2026, 1, 14)
    let last = calendar.segment(at: utc(date, 14))
    #expect(last.sessionStart == utc(date, -3) && last.start == utc(date, 13) && last.date == day(date))
    // 02:30 to 09:00, 12:00 to 13:00.
    #expect(last.breakNanos == Int64(7 * 3_600 + 1_800) * 1_000_000_000)
    #expect(calendar.segment(at: utc(date, 10)).breakNanos == Int64(6 * 3_600 + 1_800) * 1_000_000_000)
    // The evening before belongs to Wednesday, that after Friday's close to nothing.
    #expect(calendar.segment(at: utc(CivilDate(2026, 1, 13), 22)).date == day(date))
    #expect(calendar.segment(at: utc(CivilDate(2026, 1, 16), 22)).session == .closed)
  }

  /// Hong Kong's half days end at noon: the range that would begin later falls away. In the break, and at its end, likewise.
  private static let halfDays: [(Int, [(Int, Int, Int, Int)])] = [
    (11 * 60, [(1, 30, 3, 0)]), (12 * 60, [(1, 30, 4, 0)]), (12 * 60 + 30, [(1, 30, 4, 0)]), (13 * 60, [(1, 30, 4, 0)]),
    (14 * 60, [(1, 30, 4, 0), (5, 0, 6, 0)]), (16 * 60, [(1, 30, 4, 0), (5, 0, 8, 0)]),
    (18 * 60, [(1, 30, 4, 0), (5, 0, 8, 0)]),
  ]

  @Test(arguments: halfDays)
  func anEarlyCloseTakesRangesAway(minute: Int, hours: [(Int, Int, Int, Int)]) throws {
    let date = CivilDate(2026, 12, 24)
    var rules = CalendarRules(.hongKong)
    rules.earlyCloses = [date: minute]
    let calendar = try #require(TradingCalendar(rules))
    var found: [CalendarSegment] = []
    var time = utc(date, 0)
    while time < utc(date, 16) {
      let segment = calendar.segment(at: time)
      if segment.session == .regular { found.append(segment) }
      time = segment.end
    }
    #expect(found.map(\.start) == hours.map { utc(date, $0.0, $0.1) })
    #expect(found.map(\.end) == hours.map { utc(date, $0.2, $0.3) })
  }

  @Test func onAnEarlyCloseAllRangesOfPostMoveTogether() {
    let usual = SessionSchedule([
      SessionRange(.pre, 480, 540), SessionRange(.regular, 540, 720), SessionRange(.regular, 780, 960),
      SessionRange(.post, 1_020, 1_080), SessionRange(.post, 1_140, 1_200),
    ])
    #expect(
      usual.closing(at: 840)
        == SessionSchedule([
          SessionRange(.pre, 480, 540), SessionRange(.regular, 540, 720), SessionRange(.regular, 780, 840),
          SessionRange(.post, 840, 900), SessionRange(.post, 960, 1_020),
        ]))
    #expect(usual.closing(at: 960) == usual)
    #expect(usual.times == nil)
  }

  // MARK: - Weeks

  @Test func aWeekHasItsDays() {
    #expect(Week.mondayToFriday.weekdays == [1, 2, 3, 4, 5])
    #expect(Week.sundayToThursday.weekdays == [1, 2, 3, 4, 0])
    #expect(!Week.sundayToThursday.contains(weekday: 5) && Week.sundayToThursday.contains(weekday: 0))
    #expect(Week.mondayToFriday.hasNeighbours && Week(weekdays: [0, 6]).hasNeighbours)
    #expect(!Week(weekdays: [1, 3, 5]).hasNeighbours && !Week(weekdays: [2]).hasNeighbours && !Week().hasNeighbours)
  }

  @Test func sessionsFollowTheWeek() throws {
    let riyadh = try #require(TradingCalendar(.riyadh))
    // Monday 2026-01-12 to Sunday the 18th.
    let trading = (12...18).map { riyadh.segment(at: utc(CivilDate(2026, 1, $0), 8)).session == .regular }
    #expect(trading == [true, true, true, true, false, false, true])
    let everyDay = try calendar { $0.week = Week(weekdays: 0...6) }
    let saturday = try calendar { $0.week = Week(weekdays: [6]) }
    for number in 12...18 {
      let noon = utc(CivilDate(2026, 1, number), 12)
      #expect(everyDay.segment(at: noon).session == .regular)
      #expect((saturday.segment(at: noon).session == .regular) == (number == 17))
    }
  }

  /// Nothing that configuration lets through, and no reason to hang or to trap.
  @Test func anEmptyWeekIsClosed() throws {
    let never = try calendar { $0.week = Week() }
    let date = CivilDate(2026, 1, 14)
    #expect(
      never.segment(at: utc(date, 12))
        == CalendarSegment(session: .closed, start: utc(date, 0), end: utc(date, 24), date: day(date)))
  }

  /// `us_equities` keeps its holidays on another week.
  @Test func theWeekReplacesThePresets() {
    var rules = CalendarRules.usEquities
    rules.week = Week(weekdays: [4, 6])
    #expect(rules.isTradingDay(CivilDate(2026, 11, 19)) && rules.isTradingDay(CivilDate(2026, 11, 21)))
    #expect(!rules.isTradingDay(CivilDate(2026, 11, 26)) && !rules.isTradingDay(CivilDate(2026, 11, 20)))
  }

  // MARK: - Conflicts

  private static let lunch: [SessionRange] = [SessionRange(.regular, 540, 690), SessionRange(.regular, 750, 900)]

  private static let conflicts: [([SessionRange], [SessionConflict])] = [
    // Ranges that meet are none.
    ([SessionRange(.pre, 480, 540), SessionRange(.regular, 540, 600), SessionRange(.regular, 600, 660)], []),
    ([SessionRange(.regular, -1_440, 0)], []),
    (
      [SessionRange(.regular, 540, 690), SessionRange(.regular, 689, 900)],
      [
        SessionConflict(
          range: SessionRange(.regular, 689, 900), reason: .overlaps(SessionRange(.regular, 540, 690)), daysLater: 0)
      ]
    ),
    (
      lunch + [SessionRange(.post, 690, 750)],
      [SessionConflict(range: SessionRange(.post, 690, 750), reason: .liesInBreak(lunch[0], lunch[1]), daysLater: 0)]
    ),
    // The evening before is that of the trading date before.
    (
      [SessionRange(.regular, -420, 0), SessionRange(.regular, 480, 1_021)],
      [
        SessionConflict(
          range: SessionRange(.regular, -420, 0), reason: .overlaps(SessionRange(.regular, 480, 1_021)), daysLater: 1)
      ]
    ),
  ]

  @Test(arguments: conflicts)
  func rangesThatCannotBothHoldAreFound(ranges: [SessionRange], expected: [SessionConflict]) {
    #expect(SessionSchedule(ranges).conflicts(hasNextDay: true) == expected)
    #expect(SessionSchedule(ranges).conflicts(hasNextDay: false) == expected.filter { $0.daysLater == 0 })
  }

  /// Tomorrow's night inside today's break: the day's sessions would be mixed.
  @Test func aRangeOfTheNextDateLiesInNoBreak() {
    let day = SessionRange(.regular, 300, 600)
    let late = SessionRange(.regular, 1_200, 1_300)
    let night = SessionRange(.pre, -700, -600)
    let found = SessionSchedule([day, late, night]).conflicts(hasNextDay: true)
    #expect(found == [SessionConflict(range: night, reason: .liesInBreak(day, late), daysLater: 1)])
    #expect(SessionSchedule([day, late, night]).conflicts(hasNextDay: false).isEmpty)
  }

  @Test func noPresetHasAConflict() {
    for preset in CalendarPreset.allCases {
      #expect(CalendarRules(preset).sessions.conflicts(hasNextDay: true).isEmpty, "\(preset)")
    }
  }

  /// Through fortnights with changes of the clocks: each time lies in its segment, and segments meet.
  @Test(arguments: CalendarPreset.allCases)
  func segmentsMeetWithoutGaps(preset: CalendarPreset) throws {
    let calendar = try #require(TradingCalendar(preset))
    for first in [CivilDate(2026, 3, 2), CivilDate(2026, 3, 23), CivilDate(2026, 10, 19)] {
      var segment = calendar.segment(at: utc(first, 0))
      for minute in stride(from: 5, to: 14 * 24 * 60, by: 5) {
        let time = utc(first, 0, minute)
        let next = calendar.segment(at: time)
        #expect(next.contains(time))
        if next != segment { #expect(segment.end == next.start) }
        segment = next
      }
    }
  }

  // MARK: - Text

  @Test(arguments: [
    ("09:00-11:30", 540, 690), ("<17:00-16:00", -420, 960), ("<17:00-<18:00", -420, -360), ("<00:00-00:00", -1_440, 0),
    ("00:00-24:00", 0, 1_440),
  ])
  func rangesAreReadAndWritten(text: String, start: Int, end: Int) throws {
    let range = try #require(CalendarText.range(text, of: .regular))
    #expect(range == SessionRange(.regular, start, end))
    #expect(CalendarText.describe(range) == text)
  }

  @Test(arguments: [
    "", "-", "09:00", "09:00-", "-09:00", "09:00 - 10:00", "9:00-10:00", "09:00-24:01", ">09:00-10:00", "<<09:00-10:00",
    "09:00-10:00-11:00", "09:00<-10:00", "<-09:00", "09:00–10:00",
  ])
  func whatIsNoRangeIsRefused(text: String) {
    #expect(CalendarText.range(text, of: .regular) == nil)
  }
}
