import Channels
import MarketData
import Settings
import Testing
import WireCodec

@testable import Server

@Suite struct CalendarConfigurationTests {
  /// The calendar is on line 4 of the file; its keys have six spaces.
  private func read(_ calendar: String) throws(InvalidConfiguration) -> TradingCalendar {
    let file = "profiles:\n  - name: default\n    symbols: ['*']\n    calendar:\n\(calendar)\n"
    return try ConfigurationReader.read(yaml: file).profiles[0].calendar
  }

  private func problems(_ calendar: String) -> [String] {
    do {
      _ = try read(calendar)
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  private func london() throws -> TradingCalendar {
    var rules = CalendarRules.own
    rules.timeZone = "Europe/London"
    rules.sessions = SessionSchedule(try #require(SessionTimes(regular: 480, closed: 990)))
    rules.holidays = [CivilDate(2026, 12, 25), CivilDate(2026, 12, 28)]
    rules.earlyCloses = [CivilDate(2026, 12, 24): 750]
    return try #require(TradingCalendar(rules))
  }

  private static let london = """
          time_zone: Europe/London
          sessions: { regular: 08:00, closed: "16:30" }
          holidays: [2026-12-28, "2026-12-25"]
          early_closes: ["2026-12-24 12:30"]
    """

  // MARK: - The file

  @Test func anOwnCalendarIsRead() throws {
    #expect(try read(Self.london) == london())
    #expect(try read("      preset: none\n" + Self.london) == london())
  }

  @Test func thePresetsAreRead() throws {
    #expect(try read("") == .usEquities)
    #expect(try read("      preset: us_equities") == .usEquities)
    #expect(try read("      preset: continuous") == .continuous)
    let none = try #require(try read("      preset: none").rules)
    #expect(none == .own)
    #expect(none.sessions == .usEquities && none.timeZone == "America/New_York")
  }

  @Test func keysBesideUSEquitiesChangeThePreset() throws {
    let rules = try read(
      """
            preset: us_equities
            sessions: { pre: "07:00", regular: "09:30", closed: "16:00" }
            holidays: ["2026-11-24"]
            early_closes: ["2026-11-27 12:00"]
      """
    ).rules
    var expected = CalendarRules.usEquities
    // POST is not named: it stays, and has no time left.
    expected.sessions = SessionSchedule(try #require(SessionTimes(pre: 420, regular: 570, closed: 960)))
    expected.holidays = [CivilDate(2026, 11, 24)]
    expected.earlyCloses = [CivilDate(2026, 11, 27): 720]
    #expect(rules == expected)
  }

  @Test func keysCanBeSetFromOutside() throws {
    let overrides = ConfigurationOverrides(
      settings: [
        "profiles[0].calendar.time_zone=Europe/London", "profiles[0].calendar.holidays=['2026-12-25', '2026-13-25']",
        "profiles[0].calendar.sessions.regular=08:00",
      ])
    do throws(InvalidConfiguration) {
      _ = try ConfigurationReader.read(yaml: "profiles: [{name: p}]", overrides: overrides)
      Issue.record("nothing was refused")
    } catch {
      #expect(
        error.problems.map(\.description) == [
          "profiles[0].calendar.sessions.closed: is missing; sessions need regular and closed, only pre and post may be left out",
          "profiles[0].calendar.holidays[1]: is '2026-13-25'; must be a date such as 2026-11-26, in the years 1678 to 2261 (from --set profiles[0].calendar.holidays)",
        ])
    }
  }

  @Test func everyProblemIsToldAtOnceWithKeyAndLine() {
    let found = problems(
      """
            preset: us_equities
            time_zone: Mars/Olympus
            sessions:
              pre: 9.30
              regular: "10:00"
              post: "10:00"
            holidays:
              - 2026-02-30
              - 2026-11-24
              - 2026-11-24
              - [2026-11-25]
            early_closes:
              - 2026-11-28 13:00
              - 2026-11-26 13:00
              - 2026-11-24 13:00
              - 2026-11-25
              - 2026-11-30 13:00
              - 2026-11-30 12:00
            holydays: []
      """)
    let years = "in the years 1678 to 2261"
    #expect(
      found == [
        "line 8: profiles[0].calendar.sessions.pre: is '9.30'; must be a local time of day such as \"09:30\", from 00:00 to 24:00, or a list of ranges such as [\"09:00-11:30\", \"12:30-15:00\"]",
        "line 10: profiles[0].calendar.sessions.post: is '10:00'; must be later than regular, '10:00'",
        "line 12: profiles[0].calendar.holidays[0]: is '2026-02-30'; must be a date such as 2026-11-26, \(years)",
        "line 15: profiles[0].calendar.holidays[3]: is a list or mapping; must be a date such as 2026-11-26, \(years)",
        "line 14: profiles[0].calendar.holidays[2]: is '2026-11-24'; 2026-11-24 stands in the list twice",
        "line 20: profiles[0].calendar.early_closes[3]: is '2026-11-25'; must be a date and a local time such as 2026-11-27 13:00, \(years)",
        "line 22: profiles[0].calendar.early_closes[5]: is '2026-11-30 12:00'; 2026-11-30 stands in the list twice",
        "line 17: profiles[0].calendar.early_closes[0]: is '2026-11-28 13:00'; that is a sat, and week has mon, tue, wed, thu, fri",
        "line 18: profiles[0].calendar.early_closes[1]: is '2026-11-26 13:00'; that date is a holiday of preset us_equities, which is closed",
        "line 19: profiles[0].calendar.early_closes[2]: is '2026-11-24 13:00'; that date is among the holidays, which are closed",
        "line 6: profiles[0].calendar.time_zone: is 'Mars/Olympus'; must be a name of the IANA database, such as Europe/London or UTC",
        "line 23: profiles[0].calendar.holydays: is no known key; did you mean 'holidays'?",
      ])
  }

  @Test(arguments: [
    ("early_closes: ['2026-11-27 09:30']", "must be later than 09:30, when REGULAR begins"),
    ("early_closes: ['2026-11-27T13:00']", "must be a date and a local time such as 2026-11-27 13:00"),
    ("early_closes: 2026-11-27", "must be a list"), ("holidays: {}", "must be a list"),
    ("time_zone: EST", "must be a name of the IANA database"), ("time_zone: []", "must be a text"),
    ("sessions: 5", "must be a mapping"), ("sessions: {regular: '09:30', closed: '24:01'}", "from 00:00 to 24:00"),
    ("sessions: {regular: '09:30', closed: '09:00'}", "must be later than regular, '09:30'"),
    ("sessions: {pre: '04:00', closed: '09:00'}", "sessions.regular: is missing"),
    ("sessions: {regular: '09:30', closed: '16:00', open: '09:00'}", "is no known key"),
    ("preset: mars", "must be one of us_equities, continuous, none, us_futures, forex, london"),
    (
      "{preset: us_equities, sessions: {regular: '14:30', closed: '21:00'}}",
      "calendar.sessions: regular is '14:30'; must be before 13:00 with preset us_equities"
    ),
  ])
  func badCalendarsAreRefusedInWords(calendar: String, words: String) {
    let found = problems("      " + calendar)
    #expect(found.count == 1 && found[0].contains(words) && found[0].hasPrefix("line 5: "), "\(found)")
  }

  @Test func besideContinuousNothingElseStands() {
    #expect(
      problems("      preset: continuous\n" + Self.london)
        == ["line 6: profiles[0].calendar.time_zone", "line 7: profiles[0].calendar.sessions"].map {
          "\($0): cannot stand with preset continuous, only with the others, such as none"
        }
        + ["line 8: profiles[0].calendar.holidays", "line 9: profiles[0].calendar.early_closes"].map {
          "\($0): cannot stand with preset continuous, only with the others, such as none"
        })
  }

  /// REGULAR's usual end and what lies beyond it shorten nothing.
  @Test(arguments: ["16:00", "16:01", "24:00"])
  func aCloseThatIsNotEarlyChangesNothing(time: String) throws {
    let calendar = try read("      early_closes: ['2026-11-25 \(time)']")
    let rules = try #require(calendar.rules)
    #expect(rules.earlyCloses.count == 1)
    #expect(rules.schedule(on: CivilDate(2026, 11, 25)) == .usEquities)
  }

  // MARK: - By RPC

  private func profile(_ calendar: TradingCalendar) -> Profile {
    var profile = Profile.new("default")
    profile.calendar = calendar
    return profile
  }

  /// What an update makes of a profile; nil = a new one.
  private func read(_ yaml: String, from old: Profile?) throws(InvalidConfiguration) -> Profile {
    try (old ?? .new("new")).reading(YAMLTree.read(yaml, keepsLines: false).root, path: "spec", isUpdate: old != nil)
  }

  /// What a `GetProfileResponse` tells, sent back as an `UpdateProfileRequest`: both have the specification in field 1, the former a message deeper.
  private func toldAndSentBack(_ profile: Profile, to other: Profile) throws -> Profile {
    var told = profile
    told.configVersion = 0
    var status = AdminResponses.profile(told)[...]
    #expect(status.removeFirst() == 0x0A)
    while status.removeFirst() >= 0x80 {}
    let request = try RequestDecoder().updateProfile(Array(status).span.bytes)
    #expect(request.problems.isEmpty)
    return try other.reading(request.node, path: "spec", isUpdate: true)
  }

  @Test func whatIsToldAndSentBackChangesNothing() throws {
    var mixed = CalendarRules.usEquities
    mixed.holidays = [CivilDate(2026, 11, 24)]
    mixed.earlyCloses = [CivilDate(2026, 11, 25): 720]
    var dayAndNight = CalendarRules.own
    dayAndNight.timeZone = "UTC"
    dayAndNight.sessions = SessionSchedule(try #require(SessionTimes(pre: 0, regular: 1, closed: 1_440)))
    // As boundaries these would be New York's PRE and POST besides.
    var regularOnly = CalendarRules.usEquities
    regularOnly.sessions = SessionSchedule([SessionRange(.regular, 570, 960)])
    var nights = CalendarRules(.riyadh)
    nights.week = Week(weekdays: [0, 3, 5])
    nights.sessions = SessionSchedule([
      SessionRange(.pre, -1_440, -60), SessionRange(.regular, 0, 60), SessionRange(.regular, 90, 1_000),
      SessionRange(.post, 1_000, 1_400),
    ])
    let own = try [mixed, dayAndNight, regularOnly, nights].map { try #require(TradingCalendar($0)) }
    let presets = try CalendarPreset.allCases.map { try #require(TradingCalendar($0)) }
    let calendars = presets + own + [try london()]
    for calendar in calendars {
      let profile = profile(calendar)
      #expect(try toldAndSentBack(profile, to: profile) == profile)
      // Nor does anything stay of the calendar that was there, lists included.
      for other in calendars { #expect(try toldAndSentBack(profile, to: self.profile(other)) == profile) }
    }
  }

  @Test func anUpdateKeepsWhatItDoesNotGive() throws {
    let old = profile(try london())
    let zone = try read("{calendar: {time_zone: UTC}}", from: old).calendar.rules
    var expected = try london().rules
    expected?.timeZone = "UTC"
    #expect(zone == expected)
    #expect(try read("{max_ahead: 5s}", from: old).calendar == london())
    let preset = profile(.usEquities)
    let holiday = try read("{calendar: {holidays: ['2026-11-24']}}", from: preset).calendar.rules
    #expect(holiday?.observesUSEquities == true && holiday?.holidays == [CivilDate(2026, 11, 24)])
    #expect(try read("{calendar: {preset: us_equities}}", from: old).calendar == .usEquities)
  }

  @Test func anUpdatesWeekIsCheckedAgainstTheRangesThatStay() throws {
    let old = try read(
      "{calendar: {week: [mon, wed], sessions: {regular: ['<12:00-12:00'], post: ['12:00-24:00']}}}", from: nil)
    #expect(try read("{calendar: {week: [tue, sun]}}", from: old).calendar.rules?.week == Week(weekdays: [0, 2]))
    let cases = [
      (
        "{calendar: {week: [mon, tue]}}",
        "spec.calendar.week: has days that follow each other, and '<12:00-12:00' of regular from before overlaps '12:00-24:00' of post of the trading date before"
      ),
      (
        "{calendar: {week: []}}",
        "spec.calendar.week: is empty; must have at least one of mon, tue, wed, thu, fri, sat, sun"
      ),
    ]
    for (yaml, problem) in cases {
      do throws(InvalidConfiguration) {
        _ = try read(yaml, from: old)
        Issue.record("\(yaml) was not refused")
      } catch {
        #expect(error.description == problem)
      }
    }
  }

  /// A replay's setup may have profiles that the server does not have.
  @Test func aNewProfileIsReadAsInAFile() throws {
    let new = try read("{calendar: {time_zone: Europe/London}}", from: nil)
    #expect(new.name == "new" && new.calendar.rules?.observesUSEquities == false)
    #expect(try read("{}", from: nil).calendar == .usEquities)
  }

  @Test func anUpdateIsCheckedAgainstWhatItKeeps() throws {
    let cases = [
      (
        "{calendar: {sessions: {regular: '13:00', closed: '16:30'}}}",
        "spec.calendar.early_closes: has 2026-12-24 12:30 from before; must be later than 13:00, when REGULAR begins"
      ),
      (
        "{calendar: {holidays: ['2026-12-24']}}",
        "spec.calendar.early_closes: has 2026-12-24 12:30 from before; that date is among the holidays, which are closed"
      ),
      (
        "{calendar: {early_closes: ['2026-12-25 12:00']}}",
        "spec.calendar.early_closes[0]: is '2026-12-25 12:00'; that date is among the holidays, which are closed"
      ),
    ]
    let old = profile(try london())
    for (yaml, problem) in cases {
      do throws(InvalidConfiguration) {
        _ = try read(yaml, from: old)
        Issue.record("\(yaml) was not refused")
      } catch {
        #expect(error.description == problem)
      }
    }
    do throws(InvalidConfiguration) {
      _ = try read("{calendar: {time_zone: UTC}}", from: profile(.continuous))
      Issue.record("a time zone of the continuous calendar was not refused")
    } catch {
      #expect(
        error.description
          == "spec.calendar.time_zone: cannot stand with preset continuous, only with the others, such as none")
    }
  }
}
