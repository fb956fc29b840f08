/// The New York Stock Exchange's closings by rule, and the one-off ones by list.
///
/// - Source: detectors.md, "Session"; the Exchange's Rule 7.2. One-off closings from 1970 on.
public enum USEquitiesHolidays {
  /// Elections of presidents until 1980, storms, a blackout, funerals of presidents, September 2001.
  private static let oneOffClosings: Set<CivilDate> = [
    CivilDate(1972, 11, 7), CivilDate(1972, 12, 28), CivilDate(1973, 1, 25), CivilDate(1976, 11, 2),
    CivilDate(1977, 7, 14), CivilDate(1980, 11, 4),
    CivilDate(1985, 9, 27), CivilDate(1994, 4, 27), CivilDate(2001, 9, 11), CivilDate(2001, 9, 12),
    CivilDate(2001, 9, 13), CivilDate(2001, 9, 14), CivilDate(2004, 6, 11), CivilDate(2007, 1, 2),
    CivilDate(2012, 10, 29), CivilDate(2012, 10, 30), CivilDate(2018, 12, 5), CivilDate(2025, 1, 9),
  ]

  /// When REGULAR ends on early closes: 13:00, in minutes since midnight.
  public static let earlyClose = 13 * 60

  public static func isTradingDay(_ date: CivilDate) -> Bool {
    !date.isWeekend && !isHoliday(date) && !oneOffClosings.contains(date)
  }

  /// The Friday after Thanksgiving, and 3 July and 24 December from Monday to Thursday.
  public static func isEarlyClose(_ date: CivilDate) -> Bool {
    guard isTradingDay(date) else { return false }
    let weekday = date.weekday
    if date.month == 11 { return weekday == 5 && date.adding(days: -1) == thanksgiving(date.year) }
    return (1...4).contains(weekday) && ((date.month, date.day) == (7, 3) || (date.month, date.day) == (12, 24))
  }

  private static func isHoliday(_ date: CivilDate) -> Bool {
    let year = date.year
    switch date.month {
    // New Year's Day on a Saturday is not made up for, so its Friday, in December, is no holiday.
    case 1: return date == sundayMadeUp(CivilDate(year, 1, 1)) || (year >= 1998 && date == nth(3, weekday: 1, year, 1))
    case 2: return date == nth(3, weekday: 1, year, 2)
    case 3, 4: return date == easter(year).adding(days: -2)
    case 5: return date == nth(1, weekday: 1, year, 6).adding(days: -7)
    case 6: return year >= 2022 && date == observed(CivilDate(year, 6, 19))
    case 7: return date == observed(CivilDate(year, 7, 4))
    case 9: return date == nth(1, weekday: 1, year, 9)
    case 11: return date == thanksgiving(year)
    case 12: return date == observed(CivilDate(year, 12, 25))
    default: return false
    }
  }

  private static func thanksgiving(_ year: Int) -> CivilDate { nth(4, weekday: 4, year, 11) }

  private static func sundayMadeUp(_ date: CivilDate) -> CivilDate { date.weekday == 0 ? date.adding(days: 1) : date }

  private static func observed(_ date: CivilDate) -> CivilDate {
    date.weekday == 6 ? date.adding(days: -1) : sundayMadeUp(date)
  }

  private static func nth(_ n: Int, weekday: Int, _ year: Int, _ month: Int) -> CivilDate {
    let first = CivilDate(year, month, 1)
    return first.adding(days: (weekday - first.weekday + 7) % 7 + 7 * (n - 1))
  }

  /// Easter Sunday. Source: the Anonymous Gregorian algorithm (Meeus, "Astronomical Algorithms", chapter 8).
  static func easter(_ year: Int) -> CivilDate {
    let a = year % 19
    let b = year / 100
    let c = year % 100
    let g = (8 * b + 13) / 25
    let h = (19 * a + b - b / 4 - g + 15) % 30
    let m = (a + 11 * h) / 319
    let l = (2 * (b % 4) + 2 * (c / 4) - c % 4 - h + m + 32) % 7
    let month = (h - m + l + 90) / 25
    let day = (h - m + l + month + 19) % 32
    return CivilDate(year, month, day)
  }
}
