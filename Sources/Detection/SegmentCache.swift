internal import MarketData

/// A calendar, and the segment that it gave last.
///
/// The symbols of a profile change sessions together: the first asks the calendar, the others are told the same. Without it each would pay for
/// some days' ranges in local time.
struct SegmentCache: Sendable {
  let calendar: TradingCalendar
  private var last = CalendarSegment(session: .closed, start: UnixNanos(0), end: UnixNanos(0))

  init(_ calendar: TradingCalendar) { self.calendar = calendar }

  /// The segment that contains `time`.
  mutating func segment(at time: UnixNanos) -> CalendarSegment {
    if !last.contains(time) { last = calendar.segment(at: time) }
    return last
  }
}
