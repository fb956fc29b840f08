internal import MarketData

/// A setting out of its range, or in a relation that does not hold.
package struct SettingProblem: Equatable, Sendable {
  /// Relative to the settings that were checked, such as `open_max`.
  package var key: String
  package var message: String

  package init(key: String, message: String) {
    self.key = key
    self.message = message
  }
}

/// Gathers settings that are out of their ranges, each by its key with the range it must keep. Words as for the detectors' settings.
struct RangeCheck {
  private(set) var problems: [SettingProblem] = []

  mutating func add(_ key: String, _ message: String) {
    problems.append(SettingProblem(key: key, message: message))
  }

  mutating func number(_ key: String, _ value: Double, _ range: ClosedRange<Double>) {
    // Not a number is in no range.
    if !range.contains(value) { add(key, "is \(value); must be from \(range.lowerBound) to \(range.upperBound)") }
  }

  mutating func count(_ key: String, _ value: Int, _ range: ClosedRange<Int>) {
    if !range.contains(value) { add(key, "is \(value); must be from \(range.lowerBound) to \(range.upperBound)") }
  }

  /// Nanoseconds. True where the value keeps its range.
  @discardableResult
  mutating func duration(_ key: String, _ value: Int64, _ range: ClosedRange<Int64>) -> Bool {
    if range.contains(value) { return true }
    let (low, high) = (DurationText.describe(range.lowerBound), DurationText.describe(range.upperBound))
    add(key, "is \(DurationText.describe(value)); must be from \(low) to \(high)")
    return false
  }
}
