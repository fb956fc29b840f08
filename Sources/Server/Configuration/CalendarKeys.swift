internal import MarketData

/// The keys of a calendar beside its preset, each read by itself. What is absent or has a fault is nil.
struct CalendarKeys {
  /// Those that are there, readable or not.
  private(set) var found: [String] = []
  private(set) var timeZone: String?
  private(set) var sessions: SessionTimes?
  private(set) var hasFaultySessions = false
  private(set) var holidays: [(date: CivilDate, item: ConfigurationItem)]?
  private(set) var earlyCloses: [(date: CivilDate, minute: Int, item: ConfigurationItem)]?

  init(_ section: ConfigurationSection) {
    section.text("time_zone") { timeZone = $0 }
    if timeZone != nil { found.append("time_zone") }
    section.section("sessions") { readSessions($0) }
    if sessions != nil || hasFaultySessions { found.append("sessions") }
    if let items = section.items("holidays") {
      found.append("holidays")
      holidays = items.compactMap { item in
        guard let date = CalendarText.date(item.text) else {
          item.problem("is '\(item.text)'; must be a date such as 2026-11-26, in \(Self.years)")
          return nil
        }
        return (date, item)
      }
      Self.reportTwice(holidays?.map { ($0.date, $0.item) } ?? [])
    }
    if let items = section.items("early_closes") {
      found.append("early_closes")
      earlyCloses = items.compactMap { item in
        guard let (date, minute) = Self.close(item.text) else {
          item.problem("is '\(item.text)'; must be a date and a local time such as 2026-11-27 13:00, in \(Self.years)")
          return nil
        }
        return (date, minute, item)
      }
      Self.reportTwice(earlyCloses?.map { ($0.date, $0.item) } ?? [])
    }
  }

  private static var years: String {
    "the years \(CalendarText.years.lowerBound) to \(CalendarText.years.upperBound)"
  }

  private static func close(_ text: String) -> (CivilDate, Int)? {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2, let date = CalendarText.date(parts[0]), let minute = CalendarText.minutes(parts[1])
    else { return nil }
    return (date, minute)
  }

  private static func reportTwice(_ entries: [(date: CivilDate, item: ConfigurationItem)]) {
    var seen: Set<CivilDate> = []
    for (date, item) in entries where !seen.insert(date).inserted {
      item.problem("is '\(item.text)'; \(CalendarText.describe(date)) stands in the list twice")
    }
  }

  private mutating func readSessions(_ section: ConfigurationSection) {
    var minutes: [String: Int] = [:]
    var given: Set<String> = []
    let names = ["pre", "regular", "post", "closed"]
    for name in names {
      section.text(name) { text in
        given.insert(name)
        minutes[name] = CalendarText.minutes(text)
        if minutes[name] == nil {
          section.problem(name, "is '\(text)'; must be a local time of day such as \"09:30\", from 00:00 to 24:00")
        }
      }
    }
    guard !given.isEmpty else { return }
    hasFaultySessions = minutes.count < given.count
    // Sessions are given as a whole: half of them on top of another market's would be a third market's.
    for name in ["regular", "closed"] where !given.contains(name) {
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
