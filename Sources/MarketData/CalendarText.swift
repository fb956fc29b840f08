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

  /// A time before or after a trading date's midnight: `<` before a time means the calendar day before. Minutes since that midnight.
  private static func rangeEnd(_ text: some StringProtocol) -> Int? {
    guard text.utf8.first == UInt8(ascii: "<") else { return minutes(text) }
    return minutes(text.dropFirst()).map { $0 - 24 * 60 }
  }

  /// A range such as `09:00-11:30` or `<17:00-16:00`; nil when the text is none. Which end comes first is not looked at.
  public static func range(_ text: String, of session: TradingSession) -> SessionRange? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let start = rangeEnd(parts[0]), let end = rangeEnd(parts[1]) else { return nil }
    return SessionRange(session, start, end)
  }

  public static func describe(_ range: SessionRange) -> String {
    func text(_ minute: Int) -> String {
      minute < 0 ? "<" + describe(minutes: minute + 24 * 60) : describe(minutes: minute)
    }
    return "\(text(range.start))-\(text(range.end))"
  }

  /// `mon` to `sun`, by `CivilDate.weekday`.
  public static let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

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
