/// Sessions by local times of day. All times here are seconds, UTC unless called local: nanoseconds could leave 64 bits at the ends of time.
///
/// An object, so that a calendar is one reference however long its lists are.
final class SessionCalendar: Equatable, Sendable {
  let rules: CalendarRules
  private let zone: TimeZoneRules

  init(rules: CalendarRules, zone: TimeZoneRules) {
    self.rules = rules
    self.zone = zone
  }

  static func == (a: SessionCalendar, b: SessionCalendar) -> Bool { a === b || a.rules == b.rules }

  /// The local day that contains a time, from the first moment of its date to the first of the next.
  func day(atUTC seconds: Int64) -> (number: Int64, start: Int64, end: Int64) {
    let number = floorDivide(seconds + zone.offset(atUTC: seconds), 86_400)
    let end = zone.instant(atLocal: (number + 1) * 86_400)
    // Where clocks are put back over midnight (St. John's until 2011), yesterday's last hour stands twice: the second time it belongs to
    // the day that has begun.
    guard seconds >= end else { return (number, zone.instant(atLocal: number * 86_400), end) }
    return (number + 1, end, zone.instant(atLocal: (number + 2) * 86_400))
  }

  func session(atUTC seconds: Int64) -> (session: TradingSession, start: Int64, end: Int64) {
    let day = day(atUTC: seconds)
    guard let times = rules.times(on: CivilDate(daysSinceEpoch: Int(day.number))) else {
      return (.closed, day.start, day.end)
    }
    // Sessions that do not exist begin and end at once, so that no time lies in them.
    let pre = moment(times.pre, of: day.number)
    if seconds < pre { return (.closed, day.start, pre) }
    let regular = moment(times.regular, of: day.number)
    if seconds < regular { return (.pre, pre, regular) }
    let post = moment(times.post, of: day.number)
    if seconds < post { return (.regular, regular, post) }
    let closed = moment(times.closed, of: day.number)
    if seconds < closed { return (.post, post, closed) }
    return (.closed, closed, day.end)
  }

  private func moment(_ minute: Int, of day: Int64) -> Int64 {
    zone.instant(atLocal: day * 86_400 + Int64(minute) * 60)
  }
}
