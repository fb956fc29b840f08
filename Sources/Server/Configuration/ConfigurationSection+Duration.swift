internal import MarketData

extension ConfigurationSection {
  /// A duration written as `500ms`, `60s`, `20m`, `1h`.
  func duration(_ key: String, in range: ClosedRange<Int64>, into target: inout Int64) {
    text(key) { found in
      guard let nanoseconds = DurationText.parse(found) else {
        return problem(
          key,
          "is '\(found)'; must be a duration such as 500ms, 60s or 20m, from \(DurationText.describe(range.lowerBound)) to \(DurationText.describe(range.upperBound))"
        )
      }
      guard range.contains(nanoseconds) else {
        return problem(
          key,
          "is \(found); must be from \(DurationText.describe(range.lowerBound)) to \(DurationText.describe(range.upperBound))"
        )
      }
      target = nanoseconds
    }
  }
}
