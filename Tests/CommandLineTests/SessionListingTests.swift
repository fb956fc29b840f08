import MarketData
import Testing

@testable import CommandLine

@Suite struct SessionListingTests {
  private func lines(
    _ calendar: TradingCalendar?, _ from: CivilDate, _ to: CivilDate, json: Bool = false
  ) throws -> [String] {
    var lines: [String] = []
    SessionListing.each(of: try #require(calendar), from: from, to: to) { lines.append(json ? $0.json : $0.text) }
    return lines
  }

  /// A line for each range; the days around those asked for are left out.
  @Test func aSessionWithABreakHasTwoLines() throws {
    #expect(
      try lines(TradingCalendar(.tokyo), CivilDate(2026, 1, 16), CivilDate(2026, 1, 18)) == [
        "2026-01-16  REGULAR     2026-01-16T00:00:00Z  2026-01-16T02:30:00Z",
        "2026-01-16  REGULAR     2026-01-16T03:30:00Z  2026-01-16T06:30:00Z",
      ])
  }

  /// Monday's session stands under Monday, though it begins on Sunday.
  @Test func linesStandUnderTheirTradingDate() throws {
    #expect(
      try lines(TradingCalendar(.usFutures), CivilDate(2026, 3, 8), CivilDate(2026, 3, 9), json: true) == [
        #"{"date":"2026-03-09","session":"REGULAR","start":"2026-03-08T22:00:00Z","end":"2026-03-09T21:00:00Z"}"#
      ])
  }

  @Test func sessionsThatMeetHaveALineEach() throws {
    #expect(
      try lines(.continuous, CivilDate(1969, 12, 31), CivilDate(1970, 1, 1)) == [
        "1969-12-31  CONTINUOUS  1969-12-31T00:00:00Z  1970-01-01T00:00:00Z",
        "1970-01-01  CONTINUOUS  1970-01-01T00:00:00Z  1970-01-02T00:00:00Z",
      ])
  }

  /// It ends where nothing trades, and in the first and last years that are taken.
  @Test(arguments: [1_679, 2_260])
  func listsEnd(year: Int) throws {
    let (from, to) = (CivilDate(year, 1, 1), CivilDate(year, 12, 31))
    #expect(try lines(TradingCalendar(.london), from, to).count > 250)
    var never = CalendarRules.own
    never.week = Week()
    #expect(try lines(TradingCalendar(never), from, to).isEmpty)
  }
}
