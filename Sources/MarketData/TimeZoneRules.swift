internal import Foundation

/// A time zone's offsets from UTC, daylight saving included, from the system's time zone data.
///
/// - Cost: a look-up is a binary search among some 700 changes. Foundation, which is asked once, takes a microsecond for each offset, and a
///   calendar's look-up needs dozens of them.
package struct TimeZoneRules: Sendable {
  /// A change of the offset, in seconds.
  private struct Change {
    /// UTC.
    var time: Int64
    var before: Int64
    var after: Int64
    /// The local time from which the new offset holds: where clocks are put forward what they show then, where they are put back what they showed
    /// before, since of a time that stands twice the first counts.
    var local: Int64 { time + max(before, after) }
  }

  /// Of all that 64 bits of nanoseconds can hold.
  private let changes: [Change]
  private let first: Int64

  /// Nil when the system knows no such zone.
  ///
  /// Foundation takes more than IANA names: abbreviations, of which PST has daylight saving and EST has none, and offsets like GMT+5.
  /// Those are refused, since they rarely mean what was meant.
  package init?(identifier: String) {
    let isName = identifier.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): true
      case UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"): true
      default: false
      }
    }
    guard isName, identifier.contains("/") || identifier == "UTC" || identifier == "GMT" else { return nil }
    guard let zone = TimeZone(identifier: identifier) else { return nil }
    self.init(zone)
  }

  private init(_ zone: TimeZone) {
    func offset(_ date: Date) -> Int64 { Int64(zone.secondsFromGMT(for: date)) }
    // A little more than 64 bits hold: 1677-09-21 to 2262-04-11.
    let end = Date(timeIntervalSince1970: 9_300_000_000)
    var date = Date(timeIntervalSince1970: -9_300_000_000)
    first = offset(date)
    var changes: [Change] = []
    while let next = zone.nextDaylightSavingTimeTransition(after: date), date < next, next < end {
      let before = changes.last?.after ?? first
      let after = offset(next)
      if after != before {
        changes.append(Change(time: Int64(next.timeIntervalSince1970), before: before, after: after))
      }
      date = next
    }
    self.changes = changes
  }

  /// America/New_York. Where the system has no time zone data at all, sessions are those of Eastern Standard Time, five hours behind UTC.
  package static let newYork =
    TimeZoneRules(identifier: "America/New_York") ?? TimeZoneRules(TimeZone(secondsFromGMT: -5 * 3_600) ?? .gmt)

  /// Seconds east of UTC at a UTC time.
  package func offset(atUTC seconds: Int64) -> Int64 { offset(after: count { $0.time <= seconds }) }

  /// The UTC time at which wall clocks show a local time: of one that stands twice the first, of one that is skipped as if clocks had not
  /// changed yet.
  package func instant(atLocal local: Int64) -> Int64 { local - offset(after: count { $0.local <= local }) }

  /// The first UTC second at which wall clocks show a local time or a later one: as `instant`, but of a time that is skipped the moment of the
  /// change.
  func firstInstant(atLocal local: Int64) -> Int64 {
    let passed = count { $0.local <= local }
    let instant = local - offset(after: passed)
    return passed < changes.count ? min(instant, changes[passed].time) : instant
  }

  private func offset(after passed: Int) -> Int64 { passed == 0 ? first : changes[passed - 1].after }

  /// How many changes there are before the first that has not come.
  private func count(_ hasCome: (Change) -> Bool) -> Int {
    var low = 0
    var high = changes.count
    while low < high {
      let middle = (low + high) / 2
      if hasCome(changes[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
