package import MarketData

/// A preset, or own times and lists, or both. `CalendarKeys` reads each key; here is what they say of each other.
extension TradingCalendar: KeyedSettings {
  package mutating func keys(_ section: SettingsSection) {
    guard section.isReading else {
      var keys = CalendarKeys(self)
      return keys.keys(section)
    }
    var keys = CalendarKeys()
    keys.keys(section, current: rules)
    let base = keys.base(current: rules, isUpdate: section.isUpdate)
    guard let base else {
      for key in keys.found {
        section.problem(key, "cannot stand with preset continuous, only with the others, such as none")
      }
      self = .continuous
      return
    }
    self = CalendarRelations(section: section, keys: keys).calendar(from: base)
  }
}

private struct CalendarRelations {
  let section: SettingsSection
  let keys: CalendarKeys

  func calendar(from base: CalendarRules) -> TradingCalendar {
    var rules = base
    if let zone = keys.timeZone { rules.timeZone = zone }
    if let week = keys.week { rules.week = week }
    if let sessions = keys.sessions { rules.sessions = sessions }
    if let holidays = keys.holidays { rules.holidays = Set(holidays.map(\.value)) }
    if let closes = keys.earlyCloses {
      rules.earlyCloses = Dictionary(
        closes.map { ($0.value.date, $0.value.minute) }, uniquingKeysWith: { first, _ in first })
    }
    checkWeek(rules)
    checkPresetsCloses(rules)
    checkEarlyCloses(rules)
    guard let calendar = TradingCalendar(rules) else {
      section.problem(
        "time_zone", "is '\(rules.timeZone)'; must be a name of the IANA database, such as Europe/London or UTC")
      return .continuous
    }
    return calendar
  }

  /// Ranges of before may overlap on days that follow each other now; new ones have been looked at with the new week.
  private func checkWeek(_ rules: CalendarRules) {
    guard keys.week != nil, keys.sessions == nil, !keys.hasFaultySessions else { return }
    for conflict in rules.sessions.conflicts(hasNextDay: rules.week.hasNeighbours) {
      section.problem(
        "week",
        "has days that follow each other, and '\(CalendarText.describe(conflict.range))' of \(conflict.range.name) from before \(conflict.words)"
      )
    }
  }

  /// The preset's early closes mean nothing to a REGULAR that begins later, and nobody would see why its half days are missing.
  private func checkPresetsCloses(_ rules: CalendarRules) {
    let usual = USEquitiesHolidays.usualEarlyClose
    guard rules.observesUSEquities, let regular = rules.sessions.regularStart, regular >= usual else { return }
    section.problem(
      "sessions",
      "regular is '\(CalendarText.describe(minutes: regular))'; must be before \(CalendarText.describe(minutes: usual)) with preset us_equities, whose early closes are then"
    )
  }

  private func checkEarlyCloses(_ rules: CalendarRules) {
    guard let closes = keys.earlyCloses else {
      // Those of before may not fit what is new.
      for (date, minute) in rules.earlyCloses.sorted(by: { $0.key < $1.key }) {
        guard let fault = fault(of: date, minute, rules) else { continue }
        section.problem("early_closes", "has \(CalendarText.describe(date, minutes: minute)) from before; \(fault)")
      }
      return
    }
    for (item, close) in closes {
      if let fault = fault(of: close.date, close.minute, rules) {
        section.problem("early_closes", item: item, "is '\(CalendarKeys.describe(close))'; \(fault)")
      }
    }
  }

  /// Why REGULAR cannot end then; nil when it can.
  private func fault(of date: CivilDate, _ minute: Int, _ rules: CalendarRules) -> String? {
    if !rules.week.contains(weekday: date.weekday) {
      let days = rules.week.weekdays.map { CalendarText.weekdays[$0] }.joined(separator: ", ")
      return "that is a \(CalendarText.weekdays[date.weekday]), and week has \(days)"
    }
    if rules.holidays.contains(date) { return "that date is among the holidays, which are closed" }
    if !rules.isTradingDay(date) { return "that date is a holiday of preset us_equities, which is closed" }
    // Nothing can be compared with sessions that have a fault themselves. A time after REGULAR is as good as none.
    guard !keys.hasFaultySessions, let regular = rules.sessions.regularStart, minute <= regular else { return nil }
    return "must be later than \(CalendarText.describe(minutes: regular)), when REGULAR begins"
  }
}
