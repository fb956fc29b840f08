/// Sessions by local times of day. All times here are seconds, UTC unless called local: nanoseconds could leave 64 bits at the ends of time.
///
/// An object, so that a calendar is one reference however long its lists are.
final class SessionCalendar: Equatable, Sendable {
  let rules: CalendarRules
  private let zone: TimeZoneRules

  /// A range of a trading date in real time. `date` is in days since 1970-01-01.
  struct Stretch {
    var session: TradingSession
    var date: Int64
    var start: Int64
    var end: Int64
  }

  init(rules: CalendarRules, zone: TimeZoneRules) {
    self.rules = rules
    self.zone = zone
  }

  static func == (a: SessionCalendar, b: SessionCalendar) -> Bool { a === b || a.rules == b.rules }

  /// The local day that contains a time, from the first moment of its date to the first of the next.
  func day(atUTC seconds: Int64) -> (number: Int64, start: Int64, end: Int64) {
    let number = localDate(atUTC: seconds)
    let end = zone.firstInstant(atLocal: (number + 1) * 86_400)
    // Where clocks are put back over midnight (St. John's until 2011), yesterday's last hour stands twice: the second time it belongs to
    // the day that has begun.
    guard seconds >= end else { return (number, zone.firstInstant(atLocal: number * 86_400), end) }
    return (number + 1, end, zone.firstInstant(atLocal: (number + 2) * 86_400))
  }

  /// The range that contains a time with its session's beginning and the session's breaks before it, or what is CLOSED around it.
  func segment(
    atUTC seconds: Int64
  ) -> (stretch: Stretch, sessionStart: Int64, breaks: Int64) {
    let all = stretches(around: localDate(atUTC: seconds))
    guard let index = all.firstIndex(where: { $0.start <= seconds && seconds < $0.end }) else {
      let day = day(atUTC: seconds)
      var closed = Stretch(session: .closed, date: day.number, start: day.start, end: day.end)
      for stretch in all {
        if stretch.end <= seconds { closed.start = max(closed.start, stretch.end) }
        if stretch.start > seconds { closed.end = min(closed.end, stretch.start) }
      }
      return (closed, closed.start, 0)
    }
    let found = all[index]
    var sessionStart: Int64?
    var traded: Int64 = 0
    for stretch in all[..<index] where stretch.session == found.session && stretch.date == found.date {
      sessionStart = sessionStart ?? stretch.start
      traded += stretch.end - stretch.start
    }
    let start = sessionStart ?? found.start
    return (found, start, found.start - start - traded)
  }

  /// The ranges of the trading dates that can hold a time of this local date, and of those that can reach into these: disjoint, none empty, rising.
  private func stretches(around date: Int64) -> [Stretch] {
    var found: [Stretch] = []
    // Two days later: yesterday's last hour can stand a second time after midnight, and a range begins up to a day before its date.
    // Four before: on an early close, ranges of POST that stood on the day before move by up to a day, and end two days after it; a whole day
    // can be skipped (Samoa, 2011-12-30); and one more can push the beginning of that.
    for date in (date - 4)...(date + 2) {
      guard let schedule = rules.schedule(on: CivilDate(daysSinceEpoch: Int(date))) else { continue }
      for range in schedule.ranges {
        let start = moment(range.start, of: date)
        let end = moment(range.end, of: date)
        if start < end { found.append(Stretch(session: range.session, date: date, start: start, end: end)) }
      }
    }
    if !zip(found, found.dropFirst()).allSatisfy({ $0.end <= $1.start }) { Self.separate(&found) }
    return found
  }

  /// Where clocks skip an hour, ranges can change places and overlap: what began first lasts to its end.
  private static func separate(_ stretches: inout [Stretch]) {
    stretches.sort { ($0.start, $0.date) < ($1.start, $1.date) }
    var reached = Int64.min
    for index in stretches.indices {
      stretches[index].start = max(stretches[index].start, reached)
      reached = max(reached, stretches[index].end)
    }
    stretches.removeAll { $0.start >= $0.end }
  }

  private func localDate(atUTC seconds: Int64) -> Int64 {
    floorDivide(seconds + zone.offset(atUTC: seconds), 86_400)
  }

  private func moment(_ minute: Int, of date: Int64) -> Int64 {
    zone.instant(atLocal: date * 86_400 + Int64(minute) * 60)
  }
}
