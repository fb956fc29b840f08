/// Durations as configuration and flags write them: a whole number and a unit, `500ms`, `60s`, `20m`, `1h`.
public enum DurationText {
  private static let units: [(suffix: String, nanoseconds: Int64)] = [
    ("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
    ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
  ]

  /// The duration in nanoseconds; nil when the text is none, is negative, or does not fit 64 bits.
  public static func parse(_ text: String) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let suffix = text[digits.endIndex...]
    guard let count = Int64(digits), let unit = units.first(where: { $0.suffix == suffix }) else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: unit.nanoseconds)
    return overflow ? nil : product
  }

  /// The shortest text that `parse` reads back.
  public static func describe(_ nanoseconds: Int64) -> String {
    guard nanoseconds != 0 else { return "0s" }
    for unit in units.reversed() where nanoseconds % unit.nanoseconds == 0 {
      return "\(nanoseconds / unit.nanoseconds)\(unit.suffix)"
    }
    return "\(nanoseconds)ns"
  }
}
