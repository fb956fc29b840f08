/// Comparisons with thresholds. A value counts as equal to its threshold when within a slack, so that 50.05 − 50.00 reaches 0.05.
///
/// - Source: detectors.md, "Percent from a to b".
enum Slack {
  /// Of percentages, in percent.
  static let percent = 1e-7
  /// Of price differences, as a part of the price; of other numbers, as a part of the threshold.
  static let relative = 1e-9

  @inline(__always)
  static func reaches(percent value: Double, _ threshold: Double) -> Bool { value >= threshold - percent }

  @inline(__always)
  static func exceeds(percent value: Double, _ threshold: Double) -> Bool { value > threshold + percent }

  @inline(__always)
  static func reaches(difference value: Double, _ threshold: Double, price: Double) -> Bool {
    value >= threshold - relative * price
  }

  @inline(__always)
  static func exceeds(difference value: Double, _ threshold: Double, price: Double) -> Bool {
    value > threshold + relative * price
  }

  @inline(__always)
  static func reaches(_ value: Double, _ threshold: Double) -> Bool {
    value >= threshold - relative * threshold.magnitude
  }

  @inline(__always)
  static func isBelow(_ value: Double, _ threshold: Double) -> Bool {
    value < threshold - relative * threshold.magnitude
  }
}
