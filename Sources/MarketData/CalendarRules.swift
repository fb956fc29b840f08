/// What a calendar with sessions is made of. Weekends are CLOSED.
public struct CalendarRules: Equatable, Sendable {
  public static let newYork = "America/New_York"

  /// As in the IANA database.
  public var timeZone = Self.newYork
  public var sessions = SessionTimes.usEquities
  /// Whether the New York Stock Exchange's closings and early closes hold besides those listed.
  public var observesUSEquities: Bool
  /// CLOSED besides weekends.
  public var holidays: Set<CivilDate> = []
  /// When REGULAR ends on dates with an early close, in minutes since local midnight; stands above the Exchange's.
  public var earlyCloses: [CivilDate: Int] = [:]

  /// The preset.
  public static let usEquities = CalendarRules(observesUSEquities: true)

  public init(observesUSEquities: Bool) { self.observesUSEquities = observesUSEquities }

  public func isTradingDay(_ date: CivilDate) -> Bool {
    guard !date.isWeekend, !holidays.contains(date) else { return false }
    return !observesUSEquities || USEquitiesHolidays.isTradingDay(date)
  }

  /// The sessions of a date; nil when it is CLOSED.
  public func times(on date: CivilDate) -> SessionTimes? {
    guard isTradingDay(date) else { return nil }
    if let minute = earlyCloses[date] { return sessions.closing(at: minute) }
    guard observesUSEquities, USEquitiesHolidays.isEarlyClose(date) else { return sessions }
    return sessions.closing(at: USEquitiesHolidays.earlyClose)
  }
}
