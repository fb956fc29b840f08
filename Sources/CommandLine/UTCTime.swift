internal import MarketData

/// Moments as people and logs write them.
enum UTCTime {
  /// `2026-11-26 14:03:27 UTC`; a dash for none.
  static func text(_ nanos: Int64) -> String {
    guard nanos > 0 else { return "–" }
    let seconds = nanos / 1_000_000_000
    return "\(date(nanos)) \(two(seconds / 3_600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60)) UTC"
  }

  /// `2026-11-26`.
  static func date(_ nanos: Int64) -> String {
    let date = CivilDate(daysSinceEpoch: Int(nanos / 86_400_000_000_000))
    return "\(date.year)-\(two(Int64(date.month)))-\(two(Int64(date.day)))"
  }

  private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
