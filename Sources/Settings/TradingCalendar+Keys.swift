package import MarketData

/// A preset, or own times and lists, or both. `CalendarKeys` reads each key; here is what they say of each other.
extension TradingCalendar: KeyedSettings {
  package mutating func keys(_ section: SettingsSection) {
    guard section.isReading else {
      var keys = CalendarKeys(self)
      return keys.keys(section)
    }
    var keys = CalendarKeys()
    keys.keys(section)
    let rules: CalendarRules?
    switch keys.preset {
    case .usEquities: rules = .usEquities
    case .continuous: rules = nil
    case .own: rules = CalendarRules(observesUSEquities: false)
    // An update keeps what it does not give; elsewhere keys without a preset stand for themselves.
    case nil: rules = section.isUpdate ? self.rules : CalendarRules(observesUSEquities: keys.found.isEmpty)
    }
    guard let rules else {
      for key in keys.found {
        section.problem(key, "cannot stand with preset continuous, only with us_equities or none")
      }
      self = .continuous
      return
    }
    self = CalendarRelations(section: section, keys: keys).calendar(from: rules)
  }
}

private struct CalendarRelations {
  let section: SettingsSection
  let keys: CalendarKeys

  func calendar(from base: CalendarRules) -> TradingCalendar {
    var rules = base
    if let zone = keys.timeZone { rules.timeZone = zone }
    if let sessions = keys.sessions { rules.sessions = sessions }
    if let holidays = keys.holidays { rules.holidays = Set(holidays.map(\.value)) }
    if let closes = keys.earlyCloses {
      rules.earlyCloses = Dictionary(
        closes.map { ($0.value.date, $0.value.minute) }, uniquingKeysWith: { first, _ in first })
    }
    checkPresetsCloses(rules)
    checkEarlyCloses(rules)
    guard let calendar = TradingCalendar(rules) else {
      section.problem(
        "time_zone", "is '\(rules.timeZone)'; must be a name of the IANA database, such as Europe/London or UTC")
      return .continuous
    }
    return calendar
  }

  /// The preset's early closes mean nothing to a REGULAR that begins later, and nobody would see why its half days are missing.
  private func checkPresetsCloses(_ rules: CalendarRules) {
    guard rules.observesUSEquities, rules.sessions.regular >= USEquitiesHolidays.earlyClose else { return }
    let regular = CalendarText.describe(minutes: rules.sessions.regular)
    let close = CalendarText.describe(minutes: USEquitiesHolidays.earlyClose)
    section.problem(
      "sessions",
      "regular is '\(regular)'; must be before \(close) with preset us_equities, whose early closes are then")
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
    if date.isWeekend { return "that is a day of a weekend, which is closed" }
    if rules.holidays.contains(date) { return "that date is among the holidays, which are closed" }
    if !rules.isTradingDay(date) { return "that date is a holiday of preset us_equities, which is closed" }
    // Nothing can be compared with sessions that have a fault themselves.
    guard !keys.hasFaultySessions, !rules.sessions.allowsClose(at: minute) else { return nil }
    let regular = CalendarText.describe(minutes: rules.sessions.regular)
    let post = CalendarText.describe(minutes: rules.sessions.post)
    return "must be within REGULAR, later than \(regular) and earlier than \(post)"
  }
}
