internal import MarketData

/// What the keys of a calendar say, each by itself; what is absent or has a fault is nil. `TradingCalendar.keys` makes a calendar of them.
struct CalendarKeys {
  enum Preset: String, CaseIterable {
    case usEquities = "us_equities"
    case continuous
    /// Only what stands beside it, as where other keys stand without a preset.
    case own = "none"
  }

  typealias Close = (date: CivilDate, minute: Int)

  var preset: Preset?
  var timeZone: String?
  var sessions: SessionTimes?
  private(set) var hasFaultySessions = false
  var holidays: [(item: Int, value: CivilDate)]?
  var earlyCloses: [(item: Int, value: Close)]?

  init() {}

  /// What a calendar would be given by.
  init(_ calendar: TradingCalendar) {
    guard let rules = calendar.rules else {
      preset = .continuous
      return
    }
    preset = rules.observesUSEquities ? .usEquities : .own
    timeZone = rules.timeZone
    sessions = rules.sessions
    holidays = rules.holidays.sorted().map { (0, $0) }
    earlyCloses = rules.earlyCloses.sorted { $0.key < $1.key }.map { (0, ($0.key, $0.value)) }
  }

  /// The keys beside the preset that are there.
  var found: [String] {
    let all = [
      ("time_zone", timeZone != nil), ("sessions", sessions != nil || hasFaultySessions),
      ("holidays", holidays != nil), ("early_closes", earlyCloses != nil),
    ]
    return all.filter(\.1).map(\.0)
  }

  mutating func keys(_ section: SettingsSection) {
    section.value(
      "preset", .choice(Preset.allCases.map { ($0.rawValue, $0) }), into: &preset,
      note:
        "us_equities: New York sessions and holidays; continuous: one session a UTC day, without the keys below; none: only what the keys below say, as when they stand without a preset. With us_equities they change it."
    )
    section.value(
      "time_zone", .text(), into: &timeZone,
      note: "As in the IANA database, such as Europe/London; daylight saving is followed.")
    section.section(
      "sessions",
      note: "Local times when each session begins, up to \"24:00\"; without pre or post there is no such session."
    ) { sessionKeys($0) }
    let years = "in the years \(CalendarText.years.lowerBound) to \(CalendarText.years.upperBound)"
    section.entries(
      "holidays",
      .written(
        "a date such as 2026-11-26, \(years)", as: { CalendarText.describe($0) }, read: { CalendarText.date($0) }),
      into: &holidays, note: "Closed besides weekends and, with us_equities, the Exchange's holidays.")
    Self.reportTwice(holidays?.map { ($0.item, $0.value, CalendarText.describe($0.value)) }, "holidays", section)
    section.entries(
      "early_closes",
      .written(
        "a date and a local time such as 2026-11-27 13:00, \(years)", as: Self.describe, read: Self.close),
      into: &earlyCloses,
      note: "REGULAR ends then, and POST runs as long as usual from there. Above those of us_equities.")
    Self.reportTwice(
      earlyCloses?.map { ($0.item, $0.value.date, Self.describe($0.value)) }, "early_closes", section)
  }

  static func describe(_ close: Close) -> String { CalendarText.describe(close.date, minutes: close.minute) }

  private static func close(_ text: String) -> Close? {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2, let date = CalendarText.date(parts[0]), let minute = CalendarText.minutes(parts[1])
    else { return nil }
    return (date, minute)
  }

  private static func reportTwice(
    _ entries: [(item: Int, date: CivilDate, text: String)]?, _ key: String, _ section: SettingsSection
  ) {
    var seen: Set<CivilDate> = []
    for (item, date, text) in entries ?? [] where !seen.insert(date).inserted {
      section.problem(key, item: item, "is '\(text)'; \(CalendarText.describe(date)) stands in the list twice")
    }
  }

  private mutating func sessionKeys(_ section: SettingsSection) {
    let names = ["pre", "regular", "post", "closed"]
    var minutes: [String: Int] = [:]
    if let sessions {
      minutes = ["regular": sessions.regular, "closed": sessions.closed]
      if sessions.pre != sessions.regular { minutes["pre"] = sessions.pre }
      if sessions.post != sessions.closed { minutes["post"] = sessions.post }
    }
    let time = SettingsForm<Int>.written(
      "a local time of day such as \"09:30\", from 00:00 to 24:00", as: { CalendarText.describe(minutes: $0) },
      read: { CalendarText.minutes($0) })
    let faulty = names.filter { !section.value($0, time, into: &minutes[$0]) }
    guard section.isReading, !minutes.isEmpty || !faulty.isEmpty else { return }
    hasFaultySessions = !faulty.isEmpty
    // Sessions are given as a whole: half of them on top of another market's would be a third market's.
    for name in ["regular", "closed"] where minutes[name] == nil && !faulty.contains(name) {
      hasFaultySessions = true
      section.problem(name, "is missing; sessions need regular and closed, only pre and post may be left out")
    }
    var before: (name: String, minute: Int)?
    for name in names {
      guard let minute = minutes[name] else { continue }
      if let before, minute <= before.minute {
        hasFaultySessions = true
        section.problem(
          name,
          "is '\(CalendarText.describe(minutes: minute))'; must be later than \(before.name), '\(CalendarText.describe(minutes: before.minute))'"
        )
      }
      before = (name, minute)
    }
    guard !hasFaultySessions, let regular = minutes["regular"], let closed = minutes["closed"] else { return }
    sessions = SessionTimes(pre: minutes["pre"], regular: regular, post: minutes["post"], closed: closed)
    // No message of its own: whatever else the type refuses has been told above.
    hasFaultySessions = sessions == nil
  }
}
