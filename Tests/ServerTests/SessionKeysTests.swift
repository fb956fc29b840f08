import Channels
import MarketData
import Settings
import Testing

@testable import Server

/// The keys `week` and `sessions` of a calendar, and the presets of other markets, as the configuration file gives them.
@Suite struct SessionKeysTests {
  /// A calendar of one line, on line 5 of the file.
  private func read(_ calendar: String) throws(InvalidConfiguration) -> CalendarRules? {
    let file = "profiles:\n  - name: default\n    symbols: ['*']\n    calendar:\n      \(calendar)\n"
    return try ConfigurationReader.read(yaml: file).profiles[0].calendar.rules
  }

  private func problems(_ calendar: String) -> [String] {
    do {
      _ = try read(calendar)
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test(arguments: CalendarPreset.allCases)
  func everyPresetIsRead(preset: CalendarPreset) throws {
    #expect(try read("preset: \(preset.rawValue)") == (preset == .continuous ? nil : CalendarRules(preset)))
  }

  @Test func rangesAreReadInAnyOrder() throws {
    let rules = try read(
      "{time_zone: Asia/Tokyo, sessions: {regular: ['12:30-15:30', '09:00-11:30'], pre: ['<20:00-05:00'], post: ['16:00-20:00']}}"
    )
    #expect(
      rules?.sessions
        == SessionSchedule([
          SessionRange(.pre, -240, 300), SessionRange(.regular, 540, 690), SessionRange(.regular, 750, 930),
          SessionRange(.post, 960, 1_200),
        ]))
    #expect(rules?.preset == .own)
  }

  @Test func aWeekIsRead() throws {
    #expect(try read("week: [sun, mon, thu]")?.week == Week(weekdays: [0, 1, 4]))
    #expect(try read("{preset: riyadh, week: [fri]}")?.week == Week(weekdays: [5]))
    #expect(try read("{preset: us_equities, week: [sat, fri]}")?.week == Week(weekdays: [5, 6]))
    #expect(try read("time_zone: UTC")?.week == .mondayToFriday)
  }

  /// Sessions as a whole: of Tokyo's two ranges none stays.
  @Test func sessionsReplaceThoseOfAMarket() throws {
    let boundaries = try read("{preset: tokyo, sessions: {regular: '09:00', closed: '15:00'}}")
    var expected = CalendarRules(.tokyo)
    expected.sessions = SessionSchedule([SessionRange(.regular, 540, 900)])
    #expect(boundaries == expected)
    #expect(try read("{preset: tokyo, sessions: {regular: ['09:00-15:00']}}") == expected)
    // Ranges leave nothing of New York's PRE and POST either.
    let newYork = try read("{preset: us_equities, sessions: {regular: ['09:30-16:00']}}")
    #expect(newYork?.sessions == SessionSchedule([SessionRange(.regular, 570, 960)]))
  }

  /// Beside us_equities each boundary stands for itself.
  @Test func boundariesBesideUSEquitiesChangeThoseTheyName() throws {
    let late = try read("{preset: us_equities, sessions: {closed: '18:00'}}")
    #expect(late?.sessions.times == SessionTimes(pre: 240, regular: 570, post: 960, closed: 1_080))
    let early = try read("{preset: us_equities, sessions: {pre: '07:00'}}")
    #expect(early?.sessions.times == SessionTimes(pre: 420, regular: 570, post: 960, closed: 1_200))
  }

  /// Where no trading dates follow each other, their ranges cannot meet.
  @Test func rangesOfDatesThatDoNotFollowEachOtherCanReachFar() throws {
    let sessions = "sessions: {regular: ['<12:00-12:00'], post: ['12:00-24:00']}"
    #expect(try read("{week: [mon, wed], \(sessions)}")?.sessions.ranges.count == 2)
    #expect(problems("{week: [mon, tue], \(sessions)}").count == 1)
  }

  @Test(arguments: [
    (
      "week: []", "calendar.week: is empty; must have at least one of mon, tue, wed, thu, fri, sat, sun"
    ),
    (
      "week: [mon, funday]", "calendar.week[1]: is 'funday'; must be one of mon, tue, wed, thu, fri, sat, sun"
    ),
    ("week: [mon, tue, mon]", "calendar.week[2]: is 'mon', which stands in the list twice"),
    ("week: mon", "calendar.week: must be a list"),
    (
      "preset: tokio",
      "calendar.preset: is 'tokio'; must be one of us_equities, continuous, none, us_futures, forex, london, xetra, euronext, tokyo, hong_kong, shanghai, mumbai, sydney, toronto, riyadh"
    ),
    (
      "time_zone: Asia/Tokio",
      "calendar.time_zone: is 'Asia/Tokio'; must be a name of the IANA database, such as Europe/London or UTC"
    ),
    (
      "sessions: {regular: ['09:00-11:30', '11:00-15:00']}",
      "calendar.sessions.regular[1]: is '11:00-15:00'; overlaps '09:00-11:30' of regular"
    ),
    (
      "sessions: {regular: ['09:00-11:30', '09:00-11:30']}",
      "calendar.sessions.regular[1]: is '09:00-11:30'; overlaps '09:00-11:30' of regular"
    ),
    (
      "sessions: {regular: ['09:00-11:30'], post: ['11:00-15:00']}",
      "calendar.sessions.post[0]: is '11:00-15:00'; overlaps '09:00-11:30' of regular"
    ),
    (
      "sessions: {regular: ['<17:00-17:01']}",
      "calendar.sessions.regular[0]: is '<17:00-17:01'; is 24:01 hours long; must be no longer than a day"
    ),
    (
      "sessions: {regular: ['<17:00-16:00'], post: ['16:00-17:30']}",
      "calendar.sessions.regular[0]: is '<17:00-16:00'; overlaps '16:00-17:30' of post of the trading date before"
    ),
    (
      "sessions: {regular: ['09:00-11:30', '12:30-15:00'], post: ['11:45-12:00']}",
      "calendar.sessions.post[0]: is '11:45-12:00'; lies in the break of regular between '09:00-11:30' and '12:30-15:00', which must be closed"
    ),
    (
      "sessions: {regular: ['17:00-16:00']}",
      "calendar.sessions.regular[0]: is '17:00-16:00'; must end later than it begins; `<` before a time is the calendar day before"
    ),
    (
      "sessions: {regular: ['09:00-09:00']}",
      "calendar.sessions.regular[0]: is '09:00-09:00'; must end later than it begins"
    ),
    (
      "sessions: {regular: ['9:00-11:30']}",
      "calendar.sessions.regular[0]: is '9:00-11:30'; must be a range of local times such as \"09:00-11:30\"; `<` before a time is the calendar day before, as in \"<17:00-16:00\""
    ),
    (
      "sessions: {regular: ['09:00-11:30'], closed: '15:00'}",
      "calendar.sessions.closed: is the time '15:00', and regular a list of ranges; must be left out beside lists, or all must be times"
    ),
    (
      "sessions: {regular: ['09:00-11:30'], pre: '08:00'}",
      "calendar.sessions.pre: is the time '08:00', and regular a list of ranges; must be a list, too, or all must be times"
    ),
    (
      "sessions: {pre: ['09:00-11:30']}",
      "calendar.sessions.regular: is missing; sessions need ranges of regular, such as [\"09:00-11:30\", \"12:30-15:00\"]; only pre and post may be left out"
    ),
    ("sessions: {regular: []}", "calendar.sessions.regular: is missing; sessions need ranges of regular"),
    (
      "{week: [mon, tue], early_closes: ['2026-01-14 12:00']}",
      "calendar.early_closes[0]: is '2026-01-14 12:00'; that is a wed, and week has mon, tue"
    ),
    (
      "{preset: hong_kong, early_closes: ['2026-12-24 09:30']}",
      "calendar.early_closes[0]: is '2026-12-24 09:30'; must be later than 09:30, when REGULAR begins"
    ),
  ])
  func badWeeksAndSessionsAreRefusedInWords(calendar: String, words: String) {
    let found = problems(calendar)
    #expect(found.count == 1 && found[0].hasPrefix("line 5: profiles[0]." + words), "\(found)")
  }

  /// A look-up goes through all of them.
  @Test func rangesAreLimited() {
    func list(_ count: Int) -> String {
      (0..<count).map { "'\(CalendarText.describe(SessionRange(.regular, $0 * 10, $0 * 10 + 5)))'" }
        .joined(separator: ", ")
    }
    #expect(problems("sessions: {regular: [\(list(32))]}").isEmpty)
    #expect(
      problems("sessions: {regular: [\(list(33))]}") == [
        "line 5: profiles[0].calendar.sessions.regular: has 33 entries; must have at most 32"
      ])
  }

  /// Several at once, each with its entry.
  @Test func everyRangeWithAFaultIsTold() {
    let found = problems(
      "sessions: {pre: ['08:00-07:00'], regular: ['09:00-11:30', 12, '12:30-15:00', '14:00-16:00'], post: ['25:00-26:00']}"
    )
    #expect(
      found.map { $0.split(separator: ": ", maxSplits: 2).dropFirst().first.map(String.init) } == [
        "profiles[0].calendar.sessions.pre[0]", "profiles[0].calendar.sessions.regular[1]",
        "profiles[0].calendar.sessions.post[0]",
      ])
  }
}
