internal import Foundation

/// A time zone's offsets from UTC, daylight saving included, from the system's time zone data.
struct TimeZoneRules: Equatable, Sendable {
  private let zone: TimeZone

  /// Nil when the system knows no such zone.
  ///
  /// Foundation takes more than IANA names: abbreviations, of which PST has daylight saving and EST has none, and offsets like GMT+5.
  /// Those are refused, since they rarely mean what was meant.
  init?(identifier: String) {
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
    self.zone = zone
  }

  private init(zone: TimeZone) { self.zone = zone }

  /// America/New_York. Where the system has no time zone data at all, sessions are those of Eastern Standard Time, five hours behind UTC.
  static let newYork =
    TimeZoneRules(identifier: "America/New_York")
    ?? TimeZoneRules(zone: TimeZone(secondsFromGMT: -5 * 3_600) ?? .gmt)

  /// Seconds east of UTC at a UTC time.
  func offset(atUTC seconds: Int64) -> Int64 {
    Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
  }

  /// The first UTC second at which wall clocks show a local time or a later one: of a time that stands twice the first, of one that is
  /// skipped the moment of the change. So it never falls while `local` rises, and what lies before it shows earlier times only.
  func instant(atLocal local: Int64) -> Int64 {
    let before = offset(atUTC: local - offset(atUTC: local) - 12 * 3_600)
    let early = local - before
    let after = offset(atUTC: early)
    guard after != before else { return early }
    // Clocks have changed in the hours before.
    let late = local - after
    guard offset(atUTC: late) != after else { return late }
    // They were put forward over this time: the change lies in (late, early].
    var unchanged = late
    var changed = early
    while changed - unchanged > 1 {
      let middle = unchanged + (changed - unchanged) / 2
      if offset(atUTC: middle) == after { changed = middle } else { unchanged = middle }
    }
    return changed
  }
}
