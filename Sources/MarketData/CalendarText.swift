/// Dates and local times of day as configuration writes them: `2026-11-26` and `09:30`.
public enum CalendarText {
  /// The years that every timestamp of 64 bits lies in, and that lie in them whole.
  public static let years = 1_678...2_261

  /// - Returns: nil when the text is none, when the calendar has no such date (2026-02-30), or its year is not among `years`.
  public static func date(_ text: some StringProtocol) -> CivilDate? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, let year = number(parts[0], digits: 4), let month = number(parts[1], digits: 2),
      let day = number(parts[2], digits: 2), years.contains(year)
    else { return nil }
    let date = CivilDate(year, month, day)
    // A month or day that does not exist comes back as another date.
    return CivilDate(daysSinceEpoch: date.daysSinceEpoch) == date ? date : nil
  }

  /// Minutes since midnight, up to 24:00; nil when the text is no time of day.
  public static func minutes(_ text: some StringProtocol) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let hour = number(parts[0], digits: 2), let minute = number(parts[1], digits: 2),
      minute < 60, hour * 60 + minute <= 24 * 60
    else { return nil }
    return hour * 60 + minute
  }

  public static func describe(_ date: CivilDate) -> String {
    "\(padded(date.year, to: 4))-\(padded(date.month, to: 2))-\(padded(date.day, to: 2))"
  }

  /// - Parameter minutes: since midnight; what is beyond a day is written all the same, and `minutes` refuses it.
  public static func describe(minutes: Int) -> String {
    "\(padded(minutes / 60, to: 2)):\(padded(minutes % 60, to: 2))"
  }

  public static func describe(_ date: CivilDate, minutes: Int) -> String {
    "\(describe(date)) \(describe(minutes: minutes))"
  }

  private static func number(_ text: some StringProtocol, digits: Int) -> Int? {
    guard text.utf8.count == digits, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int(text)
  }

  private static func padded(_ number: Int, to digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }
}
