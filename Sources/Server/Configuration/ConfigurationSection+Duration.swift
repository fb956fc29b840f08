internal import MarketData

extension ConfigurationSection {
  /// A duration written as `500ms`, `60s`, `20m`, `1h`.
  func duration(_ key: String, in range: ClosedRange<Int64>, into target: inout Int64) {
    let least = DurationText.describe(range.lowerBound)
    let limits =
      range.upperBound == .max
      ? "\(least) or longer" : "from \(least) to \(DurationText.describe(range.upperBound))"
    text(key) { found in
      guard let nanoseconds = DurationText.parse(found) else {
        return problem(key, "is '\(found)'; must be a duration such as 500ms, 60s or 20m, \(limits)")
      }
      guard range.contains(nanoseconds) else { return problem(key, "is \(found); must be \(limits)") }
      target = nanoseconds
    }
  }
}

extension ConfigurationSection {
  /// A duration whose range is judged with the detector's other settings.
  func duration(_ key: String, into target: inout Int64) {
    duration(key, in: 0...Int64.max, into: &target)
  }

  /// A list of durations; nil when the key is absent or any is none.
  func durations(_ key: String) -> [Int64]? {
    guard let found = texts(key) else { return nil }
    let read = found.map { DurationText.parse($0) }
    if let bad = zip(found, read).first(where: { $0.1 == nil }) {
      problem(key, "has '\(bad.0)'; must be durations such as 120s")
      return nil
    }
    return read.compactMap { $0 }
  }
}
