package import MarketData

package enum TimeUnit: CaseIterable, Sendable {
  case seconds, milliseconds, microseconds, nanoseconds

  package var nanos: Int64 {
    switch self {
    case .seconds: 1_000_000_000
    case .milliseconds: 1_000_000
    case .microseconds: 1_000
    case .nanoseconds: 1
    }
  }

  package init?(text: String) {
    switch text.lowercased() {
    case "s", "sec", "seconds": self = .seconds
    case "ms", "milliseconds": self = .milliseconds
    case "us", "µs", "microseconds": self = .microseconds
    case "ns", "nanoseconds": self = .nanoseconds
    default: return nil
    }
  }

  /// Whether a number of these would be a time from 1971 to 2100. No number is one in two units.
  func isPlausible(_ value: Int64) -> Bool {
    let perSecond = 1_000_000_000 / nanos
    return value >= 31_536_000 * perSecond && value / perSecond < 4_102_444_800
  }

  /// The unit in which a number would be a time from 1971 to 2100.
  package static func guess(_ value: Int64) -> TimeUnit? { allCases.first { $0.isPlausible(value) } }
}

/// Which comes first in dates such as 02/01/2024.
package enum DateOrder: String, Sendable {
  case monthFirst = "mdy"
  case dayFirst = "dmy"
}

/// What the caller says about a file beyond what stands in it.
package struct ReadOptions: Sendable {
  /// The column of each field, by the column's name.
  package var map: [(field: Field, column: String)] = []
  package var unit: TimeUnit?
  /// Of times that tell none.
  package var zone: TimeZoneRules?
  package var zoneName: String?
  package var dateOrder: DateOrder?
  /// Of files without a symbol column.
  package var symbol: String?
  /// Of bars whose rows do not tell it.
  package var durationNanos: Int64?
  /// The columns' names where the file has no header.
  package var columns: [String]?
  package var format: FileFormat?
  package var sorts = false

  package init() {}

  /// Whether nothing was said, so that our own header means what it always does.
  var isEmpty: Bool {
    map.isEmpty && unit == nil && symbol == nil && durationNanos == nil && columns == nil && format == nil
  }
}
