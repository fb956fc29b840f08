import Foundation
import MarketData
import Testing

@Suite struct OwnCalendarTests {
  /// From UTC.
  private func utc(_ date: CivilDate, _ hour: Int, _ minute: Int = 0, second: Int = 0) -> UnixNanos {
    let seconds = date.daysSinceEpoch * 86_400 + hour * 3_600 + minute * 60 + second
    return UnixNanos(Int64(seconds) * 1_000_000_000)
  }

  /// Of one range, without breaks.
  private func whole(_ session: TradingSession, of date: CivilDate, _ start: UnixNanos, _ end: UnixNanos)
    -> CalendarSegment
  {
    CalendarSegment(session: session, start: start, end: end, date: Int32(date.daysSinceEpoch))
  }

  private func calendar(
    _ zone: String, _ times: SessionTimes?, _ change: (inout CalendarRules) -> Void = { _ in }
  ) throws -> TradingCalendar {
    var rules = CalendarRules.own
    rules.timeZone = zone
    rules.sessions = SessionSchedule(try #require(times))
    change(&rules)
    return try #require(TradingCalendar(rules))
  }

  /// 08:00–16:30 without PRE and POST.
  private func london() throws -> TradingCalendar {
    try calendar("Europe/London", SessionTimes(regular: 8 * 60, closed: 16 * 60 + 30)) {
      $0.holidays = [CivilDate(2026, 12, 25), CivilDate(2026, 12, 28)]
      $0.earlyCloses = [CivilDate(2026, 12, 24): 12 * 60 + 30]
    }
  }

  /// Clocks went forward on Sunday 2026-03-29: 08:00 is 08:00 UTC on the Friday before and 07:00 UTC on the Monday after. Back on 2026-10-25.
  @Test func londonFollowsBritishSummerTime() throws {
    let london = try london()
    let winter = CivilDate(2026, 3, 27)
    #expect(london.segment(at: utc(winter, 7, 59)).session == .closed)
    #expect(
      london.segment(at: utc(winter, 8))
        == whole(.regular, of: winter, utc(winter, 8), utc(winter, 16, 30)))
    let summer = CivilDate(2026, 3, 30)
    #expect(london.segment(at: utc(summer, 6, 59)).session == .closed)
    #expect(
      london.segment(at: utc(summer, 7))
        == whole(.regular, of: summer, utc(summer, 7), utc(summer, 15, 30)))
    #expect(london.segment(at: utc(CivilDate(2026, 10, 23), 15, 30)).session == .closed)
    #expect(london.segment(at: utc(CivilDate(2026, 10, 26), 16, 29)).session == .regular)
  }

  @Test func withoutPreAndPostWhatIsNotRegularIsClosed() throws {
    let london = try london()
    let date = CivilDate(2026, 11, 26)
    #expect(
      london.segment(at: utc(date, 3)) == whole(.closed, of: date, utc(date, 0), utc(date, 8)))
    #expect(
      london.segment(at: utc(date, 16, 30))
        == whole(.closed, of: date, utc(date, 16, 30), utc(date, 24)))
  }

  @Test func halfDaysHolidaysAndWeekendsAreShortOrClosed() throws {
    let london = try london()
    let half = CivilDate(2026, 12, 24)
    #expect(
      london.segment(at: utc(half, 12, 29))
        == whole(.regular, of: half, utc(half, 8), utc(half, 12, 30)))
    #expect(london.segment(at: utc(half, 12, 30)).session == .closed)
    // Christmas, a Saturday, a Sunday, and Boxing Day's Monday: one CLOSED each.
    for day in 25...28 {
      let date = CivilDate(2026, 12, day)
      #expect(
        london.segment(at: utc(date, 10)) == whole(.closed, of: date, utc(date, 0), utc(date, 24)))
    }
    #expect(london.segment(at: utc(CivilDate(2026, 12, 29), 10)).session == .regular)
  }

  /// POST of two hours, 17:00 to 19:00: after a close at 13:00 it ends at 15:00.
  @Test func onAnEarlyClosePostIsAsLongAsUsual() throws {
    let date = CivilDate(2026, 11, 27)
    let times = SessionTimes(pre: 7 * 60, regular: 9 * 60, post: 17 * 60, closed: 19 * 60)
    let calendar = try calendar("UTC", times) { $0.earlyCloses = [date: 13 * 60] }
    #expect(calendar.segment(at: utc(date, 8, 59)).session == .pre)
    #expect(
      calendar.segment(at: utc(date, 13)) == whole(.post, of: date, utc(date, 13), utc(date, 15)))
    #expect(calendar.segment(at: utc(date, 15)).session == .closed)
  }

  /// 2026-11-26 is Thanksgiving, the 27th closes at 13:00 (18:00 UTC) by the Exchange's rule; both listed dates come on top.
  @Test func listsComeOnTopOfThePreset() throws {
    var rules = CalendarRules.usEquities
    rules.holidays = [CivilDate(2026, 11, 24)]
    rules.earlyCloses = [CivilDate(2026, 11, 25): 12 * 60, CivilDate(2026, 11, 27): 11 * 60]
    let calendar = try #require(TradingCalendar(rules))
    #expect(calendar != .usEquities)
    #expect(calendar.segment(at: utc(CivilDate(2026, 11, 24), 16)).session == .closed)
    #expect(calendar.segment(at: utc(CivilDate(2026, 11, 25), 16, 59)).session == .regular)
    #expect(calendar.segment(at: utc(CivilDate(2026, 11, 25), 17)).session == .post)
    #expect(calendar.segment(at: utc(CivilDate(2026, 11, 26), 16)).session == .closed)
    #expect(calendar.segment(at: utc(CivilDate(2026, 11, 27), 16)).session == .post)
    #expect(TradingCalendar.usEquities.segment(at: utc(CivilDate(2026, 11, 27), 16)).session == .regular)
    #expect(calendar.segment(at: utc(CivilDate(2026, 12, 24), 18)).session == .post)
    #expect(TradingCalendar(CalendarRules.usEquities) == .usEquities)
    #expect(TradingCalendar(CalendarPreset.usEquities) == .usEquities)
    #expect(TradingCalendar.continuous.rules == nil)
  }

  /// Israel's clocks went from 02:00 to 03:00 on Friday 2026-03-27, at 00:00 UTC: a PRE from 02:30 to 03:00 has no time that day.
  @Test func aSessionThatClocksSkipIsEmpty() throws {
    let times = SessionTimes(pre: 2 * 60 + 30, regular: 3 * 60, closed: 10 * 60)
    let calendar = try calendar("Asia/Jerusalem", times)
    let date = CivilDate(2026, 3, 27)
    #expect(
      calendar.segment(at: utc(CivilDate(2026, 3, 26), 23, 59, second: 59))
        == whole(.closed, of: date, utc(CivilDate(2026, 3, 26), 22), utc(date, 0)))
    #expect(
      calendar.segment(at: utc(date, 0)) == whole(.regular, of: date, utc(date, 0), utc(date, 7)))
  }

  /// Egypt's clocks go back from Thursday's midnight to 23:00 and forward from Friday's to 01:00: days of 25 and of 23 hours.
  @Test func aSessionFromMidnightToMidnightTakesTheWholeDay() throws {
    let calendar = try calendar("Africa/Cairo", SessionTimes(regular: 0, closed: 24 * 60))
    let long = CivilDate(2026, 10, 29)
    #expect(
      calendar.segment(at: utc(long, 12))
        == whole(.regular, of: long, utc(CivilDate(2026, 10, 28), 21), utc(long, 22)))
    let short = CivilDate(2026, 4, 24)
    #expect(
      calendar.day(at: utc(short, 12))
        == whole(.regular, of: short, utc(CivilDate(2026, 4, 23), 22), utc(short, 21)))
    #expect(calendar.segment(at: utc(long, 22)).session == .regular)
    #expect(calendar.segment(at: utc(long, 22)).start == utc(long, 22))
  }

  /// Changes at midnight, over midnight, of a day (Samoa left out 2011-12-30), and of no whole hours.
  @Test(arguments: [
    "America/St_Johns", "America/Toronto", "America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "Asia/Jerusalem",
    "Pacific/Apia", "Pacific/Kwajalein", "America/Juneau", "Asia/Manila", "Australia/Lord_Howe", "Europe/Dublin",
    "America/New_York", "Asia/Kathmandu",
  ])
  func everyTimeLiesInItsSegmentAndItsDay(zone: String) throws {
    let times = SessionTimes(pre: 10, regular: 2 * 60 + 30, post: 23 * 60, closed: 23 * 60 + 45)
    let calendar = try calendar(zone, times)
    func check(_ seconds: Int64) {
      let time = UnixNanos(seconds * 1_000_000_000 + 7)
      let segment = calendar.segment(at: time)
      let day = calendar.day(at: time)
      #expect(segment.contains(time) && day.contains(time), "\(zone) \(seconds): \(segment) \(day)")
      #expect(day.start <= segment.start && segment.end <= day.end, "\(zone) \(seconds): \(segment) \(day)")
    }
    let known = try #require(TimeZone(identifier: zone))
    // The first changes there were, and those from 1987 and from the middle of 2010 on.
    for (start, count) in [(-9_000_000_000.0, 6), (540_000_000, 3), (1_280_000_000, 4)] {
      var change = Date(timeIntervalSince1970: start)
      for _ in 0..<count {
        guard let next = known.nextDaylightSavingTimeTransition(after: change) else { break }
        let moment = Int64(next.timeIntervalSince1970)
        for minutes in stride(from: -26 * 60, to: 26 * 60, by: 53) { check(moment + Int64(minutes) * 60) }
        for second in -1...1 { check(moment + Int64(second)) }
        change = next
      }
    }
    for seconds in stride(from: Int64(-9_200_000_000), to: 9_200_000_000, by: 400_000_003) { check(seconds) }
  }

  @Test(arguments: [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max])
  func theFirstAndLastTimesHaveSegments(nanoseconds: Int64) throws {
    let midnight = try #require(SessionTimes(regular: 0, closed: 24 * 60))
    for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/London"] {
      for times in [midnight, .usEquities] {
        let calendar = try calendar(zone, times) { $0.earlyCloses = [CivilDate(1970, 1, 1): 12 * 60] }
        let time = UnixNanos(nanoseconds)
        for segment in [calendar.segment(at: time), calendar.day(at: time)] {
          #expect(segment.start <= time && time <= segment.end)
        }
      }
    }
  }

  @Test func sessionTimesRiseWithinADay() {
    #expect(SessionTimes(pre: 240, regular: 570, post: 960, closed: 1_200) == .usEquities)
    #expect(SessionTimes(regular: 0, closed: 1_440) != nil)
    for (pre, regular, post, closed) in [
      (600, 600, 960, 1_200), (240, 570, 570, 1_200), (240, 570, 1_200, 1_200), (-1, 570, 960, 1_200),
      (240, 570, 960, 1_441), (240, 1_000, 960, 1_200),
    ] {
      #expect(SessionTimes(pre: pre, regular: regular, post: post, closed: closed) == nil)
    }
    #expect(SessionTimes(regular: 570, closed: 570) == nil)
    #expect(SessionTimes(regular: -5, closed: 570) == nil)
    #expect(SessionSchedule(.usEquities).times == .usEquities)
    #expect(SessionSchedule.usEquities.closing(at: 2_000) == .usEquities)
  }

  @Test(arguments: [
    ("Europe/London", true), ("America/New_York", true), ("UTC", true), ("Etc/GMT+5", true), ("Mars/Olympus", false),
    ("EST", false), ("PST", false), ("GMT+5", false), ("europe/london", false), ("", false), ("Europe/London\0", false),
    ("../../etc/passwd", false),
  ])
  func timeZonesAreNamedAsInTheIANADatabase(name: String, isKnown: Bool) {
    var rules = CalendarRules.usEquities
    rules.timeZone = name
    #expect((TradingCalendar(rules) != nil) == isKnown)
  }

  @Test func datesAndTimesOfDayAreReadAndWritten() {
    for text in ["2026-11-26", "2024-02-29", "1678-01-01", "2261-12-31"] {
      #expect(CalendarText.date(text).map { CalendarText.describe($0) } == text)
    }
    for text in [
      "2026-02-30", "2025-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "2026-01-001", "26-01-01", "2026-11", "",
      "1677-12-31", "2262-01-01", "2026-11-26 ", "２０２６-11-26", "2026--1-01", "+026-01-01",
    ] {
      #expect(CalendarText.date(text) == nil, "\(text)")
    }
    for text in ["00:00", "09:30", "23:59", "24:00"] {
      #expect(CalendarText.minutes(text).map { CalendarText.describe(minutes: $0) } == text)
    }
    for text in ["9:30", "09:60", "24:01", "0930", "09:30:00", "-1:30", "", ":", "09:3O"] {
      #expect(CalendarText.minutes(text) == nil, "\(text)")
    }
    #expect(CalendarText.describe(minutes: 6_000) == "100:00")
  }
}
