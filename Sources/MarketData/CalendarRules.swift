/// What a calendar with sessions is made of.
public struct CalendarRules: Equatable, Sendable {
  public static let newYork = "America/New_York"

  /// What it began from; `us_equities` adds its closings and early closes to the lists.
  public let preset: CalendarPreset
  /// As in the IANA database.
  public var timeZone: String
  /// The weekdays that are trading dates, unless they are holidays.
  public var week: Week
  /// Has no conflicts.
  public var sessions: SessionSchedule
  /// CLOSED besides the days that are not in `week`.
  public var holidays: Set<CivilDate> = []
  /// When REGULAR ends on dates with an early close, in minutes since local midnight; stands above the preset's.
  public var earlyCloses: [CivilDate: Int] = [:]

  public static let usEquities = CalendarRules(.usEquities)
  /// New York's times on every weekday.
  public static let own = CalendarRules(.own)

  /// - Parameter preset: not `continuous`, which has no rules.
  public init(_ preset: CalendarPreset) {
    self.preset = preset
    timeZone = preset.timeZone
    week = preset.week
    sessions = preset.sessions
  }

  public var observesUSEquities: Bool { preset == .usEquities }

  public func isTradingDay(_ date: CivilDate) -> Bool {
    guard week.contains(weekday: date.weekday), !holidays.contains(date) else { return false }
    return !observesUSEquities || !USEquitiesHolidays.isHoliday(date)
  }

  /// The ranges of a date; nil when it has none.
  public func schedule(on date: CivilDate) -> SessionSchedule? {
    guard isTradingDay(date) else { return nil }
    if let minute = earlyCloses[date] ?? (observesUSEquities ? USEquitiesHolidays.earlyClose(on: date) : nil) {
      return sessions.closing(at: minute)
    }
    return sessions
  }
}
