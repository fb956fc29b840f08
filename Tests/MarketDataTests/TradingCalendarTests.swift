import Foundation
import MarketData
import Testing

@Suite struct TradingCalendarTests {
  /// UTC seconds of a New York wall-clock time, by the offset given in hours.
  private func time(_ date: CivilDate, _ hour: Int, _ minute: Int, offset: Int) -> UnixNanos {
    UnixNanos((Int64(date.daysSinceEpoch) * 86_400 + Int64(hour - offset) * 3_600 + Int64(minute) * 60) * 1_000_000_000)
  }

  private func session(_ date: CivilDate, _ hour: Int, _ minute: Int, offset: Int) -> TradingSession {
    TradingCalendar.usEquities.segment(at: time(date, hour, minute, offset: offset)).session
  }

  @Test(arguments: [
    (0, 0, TradingSession.closed), (3, 59, .closed), (4, 0, .pre), (9, 29, .pre), (9, 30, .regular), (15, 59, .regular),
    (16, 0, .post), (19, 59, .post), (20, 0, .closed), (23, 59, .closed),
  ])
  func anOrdinaryDayHasItsSessions(hour: Int, minute: Int, expected: TradingSession) {
    #expect(session(CivilDate(2013, 10, 10), hour, minute, offset: -4) == expected)
    #expect(session(CivilDate(2013, 12, 10), hour, minute, offset: -5) == expected)
  }

  @Test func aSegmentIsTheWholeSession() {
    let date = CivilDate(2013, 10, 10)
    let segment = TradingCalendar.usEquities.segment(at: time(date, 12, 0, offset: -4))
    #expect(segment.start == time(date, 9, 30, offset: -4))
    #expect(segment.end == time(date, 16, 0, offset: -4))
  }

  /// Clocks went forward on Sunday 2024-03-10 and back on 2024-11-03: the Fridays before and the Mondays after.
  @Test func daylightSavingMovesTheSessionsInUTC() {
    #expect(session(CivilDate(2024, 3, 8), 9, 30, offset: -5) == .regular)
    #expect(session(CivilDate(2024, 3, 11), 9, 30, offset: -4) == .regular)
    #expect(session(CivilDate(2024, 11, 1), 15, 59, offset: -4) == .regular)
    #expect(session(CivilDate(2024, 11, 4), 9, 29, offset: -5) == .pre)
  }

  @Test(arguments: [
    CivilDate(2024, 1, 1), CivilDate(2023, 1, 2), CivilDate(2024, 1, 15), CivilDate(1998, 1, 19),
    CivilDate(2024, 2, 19),
    CivilDate(2024, 3, 29), CivilDate(2021, 4, 2), CivilDate(2024, 5, 27), CivilDate(2024, 6, 19),
    CivilDate(2022, 6, 20),
    CivilDate(2024, 7, 4), CivilDate(2020, 7, 3), CivilDate(2021, 7, 5), CivilDate(2024, 9, 2), CivilDate(2024, 11, 28),
    CivilDate(2024, 12, 25), CivilDate(2021, 12, 24), CivilDate(2022, 12, 26), CivilDate(2001, 9, 11),
    CivilDate(1994, 4, 27), CivilDate(2004, 6, 11), CivilDate(2007, 1, 2), CivilDate(2012, 10, 29),
    CivilDate(2018, 12, 5),
    CivilDate(2025, 1, 9), CivilDate(2024, 6, 15),
    CivilDate(2024, 6, 16),
  ])
  func closedDaysAreClosed(date: CivilDate) {
    #expect(!CalendarRules.usEquities.isTradingDay(date))
    #expect(session(date, 12, 0, offset: -5) == .closed)
  }

  /// No Martin Luther King Day before 1998, no Juneteenth before 2022, and New Year's Day on a Saturday is not made up for.
  @Test(arguments: [
    CivilDate(1997, 1, 20), CivilDate(2021, 6, 18), CivilDate(2021, 12, 31), CivilDate(2024, 10, 14),
    CivilDate(2013, 10, 8),
  ])
  func openDaysAreOpen(date: CivilDate) {
    #expect(CalendarRules.usEquities.isTradingDay(date))
  }

  /// In minutes since midnight; 16:00 is the usual close.
  private static let closes: [(CivilDate, Int?)] = [
    (CivilDate(2024, 11, 29), 780), (CivilDate(2024, 7, 3), 780), (CivilDate(2024, 12, 24), 780),
    // A Friday.
    (CivilDate(2026, 7, 3), nil), (CivilDate(2015, 7, 3), nil), (CivilDate(2024, 11, 22), 960),
    (CivilDate(2024, 7, 2), 960),
    // By list: at 14:00 before the rule, at 13:00 besides it, and not where it would be.
    (CivilDate(1990, 12, 24), 840), (CivilDate(1991, 12, 24), 840), (CivilDate(1992, 11, 27), 840),
    (CivilDate(1992, 12, 24), 840), (CivilDate(1996, 7, 5), 780), (CivilDate(1997, 12, 26), 780),
    (CivilDate(1999, 12, 31), 780), (CivilDate(2002, 7, 5), 780), (CivilDate(2003, 12, 26), 780),
    (CivilDate(1996, 7, 3), 960), (CivilDate(2002, 7, 3), 960),
    // The rule begins in 1993.
    (CivilDate(1991, 11, 29), 960), (CivilDate(1992, 7, 2), 960), (CivilDate(1993, 11, 26), 780),
    // Days of a weekend.
    (CivilDate(2022, 12, 24), nil), (CivilDate(2021, 7, 3), nil),
  ]

  @Test(arguments: closes)
  func earlyClosesAreThoseOfTheExchange(date: CivilDate, close: Int?) {
    #expect(CalendarRules.usEquities.schedule(on: date)?.ranges(of: .regular).last?.end == close)
  }

  @Test func onAnEarlyClosePostRunsFourHoursFromThere() {
    let date = CivilDate(2024, 11, 29)
    #expect(session(date, 12, 59, offset: -5) == .regular)
    #expect(session(date, 13, 0, offset: -5) == .post)
    #expect(session(date, 16, 59, offset: -5) == .post)
    #expect(session(date, 17, 0, offset: -5) == .closed)
  }

  @Test func theContinuousCalendarHasOneSessionADay() {
    let day: Int64 = 86_400_000_000_000
    let segment = TradingCalendar.continuous.segment(at: UnixNanos(19_943 * day + 5))
    #expect(
      segment
        == CalendarSegment(
          session: .continuous, start: UnixNanos(19_943 * day), end: UnixNanos(19_944 * day), date: 19_943))
  }

  @Test(arguments: [Int64.max, .max - 1, .min, .min + 1, 0, -1, 1])
  func everyTimeHasASegment(nanoseconds: Int64) {
    for calendar in [TradingCalendar.usEquities, .continuous] {
      let segment = calendar.segment(at: UnixNanos(nanoseconds))
      #expect(segment.start.nanoseconds <= nanoseconds)
      #expect(segment.end.nanoseconds >= nanoseconds)
    }
  }

  @Test func civilDatesRoundTripAndKnowTheirWeekday() {
    for days in stride(from: -200_000, to: 200_000, by: 37) {
      #expect(CivilDate(daysSinceEpoch: days).daysSinceEpoch == days)
    }
    #expect(CivilDate(2026, 11, 24).weekday == 2)
    #expect(CivilDate(1969, 12, 28).weekday == 0)
  }

  @Test(arguments: [
    ("500ms", 500_000_000), ("60s", 60_000_000_000), ("20m", 1_200_000_000_000), ("1h", 3_600_000_000_000), ("0s", 0),
  ])
  func durationsAreReadAndWritten(text: String, nanoseconds: Int64) {
    #expect(DurationText.parse(text) == nanoseconds)
    #expect(DurationText.parse(DurationText.describe(nanoseconds)) == nanoseconds)
  }

  @Test(arguments: ["", "5", "s", "-5s", "5 s", "1.5s", "99999999999h", "5x"])
  func whatIsNoDurationIsRefused(text: String) {
    #expect(DurationText.parse(text) == nil)
  }

  @Test func theSymbolTableGivesEachSymbolOneNumberAndEnds() {
    let table = SymbolTable(capacity: 2)
    let a = table.id(adding: "A")
    let b = table.id(adding: "B")
    #expect(a == SymbolID(0))
    #expect(b == SymbolID(1))
    #expect(table.id(adding: "A") == a)
    #expect(table.id(adding: "C") == nil)
    #expect(table.name(of: SymbolID(1)) == "B")
    #expect(table.name(of: SymbolID(7)) == "")
    #expect(table.id(of: "C") == nil)
    #expect(table.count == 2)
  }
}
