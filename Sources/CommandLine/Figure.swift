internal import Foundation
internal import LockFree

/// Figures as a person reads them, short enough for a column. Pure.
enum Figure {
  /// At most five characters: `9999`, `65.5k`, `1.23M`.
  static func count(_ value: UInt64) -> String {
    value < 10_000 ? "\(value)" : scaled(Double(value), 1_000, ["", "k", "M", "G", "T", "P", "E"])
  }

  /// Of something a second.
  static func rate(_ value: Double) -> String {
    guard value.isFinite, value > 0 else { return "0" }
    return value < 9.95 ? String(format: "%.1f", value) : count(UInt64(min(value.rounded(), 1e18)))
  }

  /// At most five characters: `850ns`, `8.5µs`, `120ms`, `2.4s`, `15m`.
  static func duration(_ nanos: UInt64) -> String {
    for (unit, name) in [(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")] {
      let value = Double(nanos) / unit
      if value < 9.95 && unit > 1 { return String(format: "%.1f", value) + name }
      if value < 999.5 { return String(format: "%.0f", value) + name }
    }
    let minutes = nanos / 60_000_000_000
    return minutes < 1_000 ? "\(minutes)m" : "\(min(minutes / 60, 9_999))h"
  }

  /// A dash where nothing was measured.
  static func latency(_ nanos: UInt64, of summary: LatencySummary) -> String {
    summary.count == 0 ? "–" : duration(nanos)
  }

  /// At most five characters and a unit: `96.4 MiB`.
  static func bytes(_ value: UInt64) -> String {
    scaled(Double(value), 1_024, [" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"])
  }

  /// The two largest units: `45s`, `3m 20s`, `2h 05m`, `4d 07h`.
  static func span(_ nanos: UInt64) -> String {
    let seconds = nanos / 1_000_000_000
    switch seconds {
    case ..<60: return "\(seconds)s"
    case ..<3_600: return "\(seconds / 60)m \(padded(seconds % 60))s"
    case ..<86_400: return "\(seconds / 3_600)h \(padded(seconds / 60 % 60))m"
    default: return "\(seconds / 86_400)d \(padded(seconds / 3_600 % 24))h"
    }
  }

  /// A part of a whole in percent; a dash where there is no whole.
  static func percent(_ part: UInt64, of whole: UInt64) -> String {
    whole == 0 ? "–" : String(format: "%.1f %%", Double(part) / Double(whole) * 100)
  }

  /// With commas between thousands.
  static func full(_ value: UInt64) -> String {
    var text = ""
    for (index, digit) in "\(value)".reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }

  private static func padded(_ value: UInt64) -> String { value < 10 ? "0\(value)" : "\(value)" }

  private static func scaled(_ value: Double, _ base: Double, _ units: [String]) -> String {
    var value = value
    var index = 0
    // What rounds up to a full thousand takes the next unit.
    while value >= 999.5, index < units.count - 1 {
      value /= base
      index += 1
    }
    let digits = index == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
    return String(format: "%.\(digits)f", value) + units[index]
  }
}
