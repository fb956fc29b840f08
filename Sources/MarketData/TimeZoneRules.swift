internal import Foundation

/// A time zone's offsets from UTC, daylight saving included, from the system's time zone data.
struct TimeZoneRules: Equatable, Sendable {
  private let zone: TimeZone

  /// Nil when the system knows no such zone.
  init?(identifier: String) {
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

  /// Seconds east of UTC at a local wall-clock time; of a time that stands twice, the first; of one that is skipped, the one after.
  func offset(atLocal seconds: Int64) -> Int64 {
    let before = offset(atUTC: seconds - offset(atUTC: seconds) - 12 * 3_600)
    let guess = offset(atUTC: seconds - before)
    return guess == before ? before : offset(atUTC: seconds - guess)
  }
}
