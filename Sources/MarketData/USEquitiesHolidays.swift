/// The New York Stock Exchange's closings and early closes by rule, and the special ones by list. Exact from 1990 on.
///
/// - Source: detectors.md, "Calendar"; the Exchange's Rule 7.2.
public enum USEquitiesHolidays {
  /// Storms, funerals of presidents, September 2001.
  private static let specialClosings: Set<CivilDate> = [
    CivilDate(1994, 4, 27), CivilDate(2001, 9, 11), CivilDate(2001, 9, 12), CivilDate(2001, 9, 13),
    CivilDate(2001, 9, 14), CivilDate(2004, 6, 11), CivilDate(2007, 1, 2), CivilDate(2012, 10, 29),
    CivilDate(2012, 10, 30), CivilDate(2018, 12, 5), CivilDate(2025, 1, 9),
  ]

  /// In minutes since midnight; nil = none, where the rule has one.
  private static let specialCloses: [CivilDate: Int?] = [
    CivilDate(1990, 12, 24): 14 * 60, CivilDate(1991, 12, 24): 14 * 60, CivilDate(1992, 11, 27): 14 * 60,
    CivilDate(1992, 12, 24): 14 * 60, CivilDate(1996, 7, 5): usualEarlyClose, CivilDate(1997, 12, 26): usualEarlyClose,
    CivilDate(1999, 12, 31): usualEarlyClose, CivilDate(2002, 7, 5): usualEarlyClose,
    CivilDate(2003, 12, 26): usualEarlyClose, CivilDate(1996, 7, 3): nil, CivilDate(2002, 7, 3): nil,
  ]

  /// When REGULAR ends on early closes by rule: 13:00, in minutes since midnight.
  public static let usualEarlyClose = 13 * 60

  /// When REGULAR ends early, in minutes since midnight: by rule, from 1993 on, on the Friday after Thanksgiving, and on 3 July and 24 December from
  /// Monday to Thursday; nil when it does not.
  public static func earlyClose(on date: CivilDate) -> Int? {
    if let special = specialCloses[date] { return special }
    guard date.year >= 1993 else { return nil }
    let weekday = date.weekday
    let isEarly =
      switch (date.month, date.day) {
      case (11, _): weekday == 5 && date.adding(days: -1) == thanksgiving(date.year)
      case (7, 3), (12, 24): (1...4).contains(weekday)
      default: false
      }
    return isEarly ? usualEarlyClose : nil
  }

  /// Whether a day of the week is closed.
  public static func isHoliday(_ date: CivilDate) -> Bool {
    isHolidayByRule(date) || specialClosings.contains(date)
  }

  private static func isHolidayByRule(_ date: CivilDate) -> Bool {
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
