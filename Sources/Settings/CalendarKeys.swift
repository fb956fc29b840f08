internal import MarketData

/// What the keys of a calendar say, each by itself; what is absent or has a fault is nil. `TradingCalendar.keys` makes a calendar of them.
struct CalendarKeys {
  typealias Close = (date: CivilDate, minute: Int)

  var preset: CalendarPreset?
  var timeZone: String?
  var week: Week?
  var sessions: SessionSchedule?
  private(set) var hasFaultySessions = false
  var holidays: [(item: Int, value: CivilDate)]?
  var earlyCloses: [(item: Int, value: Close)]?

  private var hasFaultyPreset = false
  private var hasFaultyWeek = false

  /// The presets that are a market's hours alone: `us_futures` … `toronto` and `riyadh`.
  private static let markets = {
    let names = CalendarPreset.allCases.filter { ![.usEquities, .continuous, .own].contains($0) }.map(\.rawValue)
    return names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
  }()

  init() {}

  /// What a calendar would be given by.
  init(_ calendar: TradingCalendar) {
    guard let rules = calendar.rules else {
      preset = .continuous
      return
    }
    preset = rules.preset
    timeZone = rules.timeZone
    week = rules.week
    sessions = rules.sessions
    holidays = rules.holidays.sorted().map { (0, $0) }
    earlyCloses = rules.earlyCloses.sorted { $0.key < $1.key }.map { (0, ($0.key, $0.value)) }
  }

  /// The keys beside the preset that are there.
  var found: [String] {
    let all = [
      ("time_zone", timeZone != nil), ("week", week != nil || hasFaultyWeek),
      ("sessions", sessions != nil || hasFaultySessions),
      ("holidays", holidays != nil), ("early_closes", earlyCloses != nil),
    ]
    return all.filter(\.1).map(\.0)
  }

  /// What the keys change.
  /// - Parameter current: an update keeps of it what is not given; nil = no update, or a continuous calendar.
  func base(current: CalendarRules?, isUpdate: Bool) -> CalendarRules? {
    switch preset {
    case .continuous: nil
    case let preset?: CalendarRules(preset)
    // Elsewhere than in an update keys without a preset stand for themselves.
    case nil: isUpdate ? current : found.isEmpty ? .usEquities : .own
    }
  }

  /// - Parameter current: what an update changes.
  mutating func keys(_ section: SettingsSection, current: CalendarRules? = nil) {
    hasFaultyPreset = !section.value(
      "preset", .choice(CalendarPreset.allCases.map { ($0.rawValue, $0) }), into: &preset,
      note:
        "us_equities: New York's sessions, holidays and early closes; continuous: one session a UTC day, without the keys below; none: only what the keys below say, as when they stand without a preset. \(Self.markets): a market's time zone, week and REGULAR, without holidays: list them. The keys below change a preset."
    )
    section.value(
      "time_zone", .text(), into: &timeZone,
      note: "As in the IANA database, such as Europe/London; daylight saving is followed.")
    weekKeys(section)
    section.section(
      "sessions",
      note:
        "Local times when each session begins, up to \"24:00\"; without pre or post there is no such session, but beside us_equities those that are not given stay. Or lists of ranges for pre, regular and post, each with breaks between: [\"09:00-11:30\", \"12:30-15:00\"]; `<` before a time is the calendar day before: [\"<17:00-16:00\"]."
    ) { sessionKeys($0, current) }
    let years = "in the years \(CalendarText.years.lowerBound) to \(CalendarText.years.upperBound)"
    section.entries(
      "holidays",
      .written(
        "a date such as 2026-11-26, \(years)", as: { CalendarText.describe($0) }, read: { CalendarText.date($0) }),
      into: &holidays,
      note: "Closed besides the days that are not in week and, with us_equities, the Exchange's holidays.")
    Self.reportTwice(holidays?.map { ($0.item, $0.value, CalendarText.describe($0.value)) }, "holidays", section)
    section.entries(
      "early_closes",
      .written(
        "a date and a local time such as 2026-11-27 13:00, \(years)", as: Self.describe, read: Self.close),
      into: &earlyCloses,
      note:
        "REGULAR ends then: ranges that would begin later fall away, and POST runs as long as usual from there. Above those of us_equities."
    )
    Self.reportTwice(
      earlyCloses?.map { ($0.item, $0.value.date, Self.describe($0.value)) }, "early_closes", section)
  }

  private mutating func weekKeys(_ section: SettingsSection) {
    let days = Week(weekdays: 0...6).weekdays.map { (CalendarText.weekdays[$0], $0) }
    var entries: [(item: Int, value: Int)]? = week?.weekdays.map { (0, $0) }
    section.entries(
      "week", .choice(days), into: &entries, note: "The days with sessions, unless they are holidays.")
    guard section.isReading, let node = section.take("week") else { return }
    let entered = entries ?? []
    hasFaultyWeek = entered.count != node.items?.count
    if let items = node.items, items.isEmpty {
      hasFaultyWeek = true
      section.problem("week", "is empty; must have at least one of \(days.map(\.0).joined(separator: ", "))")
    }
    var seen = Week()
    for (item, day) in entered {
      if seen.contains(weekday: day) {
        hasFaultyWeek = true
        section.problem("week", item: item, "is '\(CalendarText.weekdays[day])', which stands in the list twice")
      }
      seen.formUnion(Week(weekdays: [day]))
    }
    if !hasFaultyWeek { week = seen }
  }

  private mutating func sessionKeys(_ section: SettingsSection, _ current: CalendarRules?) {
    guard section.isReading else {
      guard let sessions else { return }
      var keys = SessionKeys(sessions, boundariesInherit: preset == .usEquities)
      return keys.keys(section)
    }
    var base = base(current: current, isUpdate: section.isUpdate) ?? .own
    // Sessions stand here, so that keys without a preset are none of New York's; but where a preset is misspelt nobody knows what is missing.
    if preset == nil, !section.isUpdate { base = hasFaultyPreset ? .usEquities : .own }
    let inherited = base.observesUSEquities ? base.sessions.times ?? .usEquities : nil
    var keys = SessionKeys(changing: inherited, week: week ?? base.week)
    keys.keys(section)
    sessions = keys.schedule
    hasFaultySessions = keys.isFaulty
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
}
