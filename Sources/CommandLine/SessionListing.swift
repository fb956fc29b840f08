internal import MarketData

/// The ranges of a calendar in order. Pure.
enum SessionListing {
  struct Range: Equatable {
    var date: CivilDate
    var session: TradingSession
    var start: UnixNanos
    var end: UnixNanos

    /// A row of the table.
    var text: String {
      let name = "\(session)".uppercased()
      let gap = String(repeating: " ", count: max(1, 12 - name.utf8.count))
      return "\(CalendarText.describe(date))  \(name)\(gap)\(Self.moment(start))  \(Self.moment(end))"
    }

    var json: String {
      #"{"date":"\#(CalendarText.describe(date))","session":"\#("\(session)".uppercased())","start":"\#(Self.moment(start))","end":"\#(Self.moment(end))"}"#
    }

    /// `2026-12-21T14:30:00Z`.
    private static func moment(_ time: UnixNanos) -> String {
      let seconds = floorDivide(time.nanoseconds, 1_000_000_000)
      let day = floorDivide(seconds, 86_400)
      let second = Int(seconds - day * 86_400)
      let rest = second % 60
      return CalendarText.describe(CivilDate(daysSinceEpoch: Int(day))) + "T"
        + CalendarText.describe(minutes: second / 60) + (rest < 10 ? ":0" : ":") + "\(rest)Z"
    }
  }

  /// From one segment to the next, as detectors walk through time.
  static func each(of calendar: TradingCalendar, from: CivilDate, to: CivilDate, _ body: (Range) -> Void) {
    let dayNanos: Int64 = 86_400_000_000_000
    // A trading date's ranges begin up to a day before it in local time, which is up to a day from UTC; early closes move POST by two.
    var time = UnixNanos(Int64(from.daysSinceEpoch - 3) * dayNanos)
    let end = UnixNanos(Int64(to.daysSinceEpoch + 4) * dayNanos)
    while time < end {
      let segment = calendar.segment(at: time)
      let date = CivilDate(daysSinceEpoch: Int(segment.date))
      if segment.session != .closed, from <= date, date <= to {
        body(Range(date: date, session: segment.session, start: segment.start, end: segment.end))
      }
      // A calendar's segments have no gaps between them, nor an end before their beginning.
      time = max(segment.end, UnixNanos(time.nanoseconds + 1))
    }
  }
}
