internal import MarketData

/// Gathers settings that are out of their ranges, each by its key with the range it must keep.
struct SettingsCheck {
  private(set) var problems: [TickDetectorSettings.Problem] = []

  mutating func add(_ key: String, _ message: String) {
    problems.append(TickDetectorSettings.Problem(key: key, message: message))
  }

  mutating func number(_ key: String, _ value: Double, _ range: ClosedRange<Double>) {
    if !range.contains(value) {
      add(key, "is \(value); must be from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  mutating func count(_ key: String, _ value: UInt32, _ range: ClosedRange<UInt32>) {
    if !range.contains(value) {
      add(key, "is \(value); must be from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  /// Nanoseconds.
  mutating func duration(_ key: String, _ value: Int64, _ range: ClosedRange<Int64>) {
    if !range.contains(value) {
      let (low, high) = (DurationText.describe(range.lowerBound), DurationText.describe(range.upperBound))
      add(key, "is \(DurationText.describe(value)); must be from \(low) to \(high)")
    }
  }
}
