/// The weekdays that can be trading dates.
public struct Week: OptionSet, Hashable, Sendable {
  /// Bit n is the weekday n: 0 = Sunday … 6 = Saturday.
  public let rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let mondayToFriday = Week(weekdays: 1...5)
  public static let sundayToThursday = Week(weekdays: 0...4)

  public init(weekdays: some Sequence<Int>) {
    rawValue = weekdays.reduce(0) { $0 | 1 << UInt8($1) }
  }

  public func contains(weekday: Int) -> Bool { rawValue >> UInt8(weekday) & 1 == 1 }

  /// Monday first.
  public var weekdays: [Int] { [1, 2, 3, 4, 5, 6, 0].filter { contains(weekday: $0) } }

  /// Whether two of its days follow each other.
  public var hasNeighbours: Bool { weekdays.contains { contains(weekday: ($0 + 1) % 7) } }
}
