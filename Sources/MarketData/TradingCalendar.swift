/// A stretch of time within one session, or within CLOSED.
///
/// Of PRE, REGULAR, POST and CONTINUOUS it is the whole session, so that its start tells one session from another. CLOSED is cut at local midnights.
public struct CalendarSegment: BitwiseCopyable, Equatable, Sendable {
  public var session: TradingSession
  public var start: UnixNanos
  /// Exclusive.
  public var end: UnixNanos

  public init(session: TradingSession, start: UnixNanos, end: UnixNanos) {
    self.session = session
    self.start = start
    self.end = end
  }

  public func contains(_ time: UnixNanos) -> Bool { start <= time && time < end }
}

/// Maps times to sessions.
///
/// - Cost: a look-up takes microseconds (time zone rules); callers keep the segment and ask again only when they leave it.
/// - Source: detectors.md, "Session".
public struct TradingCalendar: Equatable, Sendable {
  private enum Kind: Equatable {
    case continuous
    case usEquities(TimeZoneRules)
  }

  private let kind: Kind

  /// One session CONTINUOUS a UTC day.
  public static let continuous = TradingCalendar(kind: .continuous)

  /// New York: PRE 04:00, REGULAR 09:30–16:00, POST until 20:00, by the New York Stock Exchange's holidays and early closes.
  public static let usEquities = TradingCalendar(kind: .usEquities(TimeZoneRules.newYork))

  /// The segment that contains `time`. Total: any 64-bit time has one.
  public func segment(at time: UnixNanos) -> CalendarSegment {
    let seconds = floorDivide(time.nanoseconds, 1_000_000_000)
    switch kind {
    case .continuous:
      let day = floorDivide(seconds, 86_400)
      return CalendarSegment(
        session: .continuous, start: Self.nanos(day * 86_400), end: Self.nanos((day + 1) * 86_400))
    case .usEquities(let zone):
      let local = seconds + zone.offset(atUTC: seconds)
      return Self.segment(of: CivilDate(daysSinceEpoch: Int(floorDivide(local, 86_400))), at: time, zone: zone)
    }
  }

  /// The whole local day that contains `time`, as the session of bars of a day or longer: REGULAR or CONTINUOUS of their date.
  public func day(at time: UnixNanos) -> CalendarSegment {
    switch kind {
    case .continuous: return segment(at: time)
    case .usEquities(let zone):
      let seconds = floorDivide(time.nanoseconds, 1_000_000_000)
      let midnight = floorDivide(seconds + zone.offset(atUTC: seconds), 86_400) * 86_400
      func moment(_ local: Int64) -> UnixNanos { Self.nanos(local - zone.offset(atLocal: local)) }
      return CalendarSegment(session: .regular, start: moment(midnight), end: moment(midnight + 86_400))
    }
  }

  private static func segment(of date: CivilDate, at time: UnixNanos, zone: TimeZoneRules) -> CalendarSegment {
    let midnight = Int64(date.daysSinceEpoch) * 86_400
    func moment(_ minute: Int64) -> UnixNanos {
      let local = midnight + minute * 60
      return nanos(local - zone.offset(atLocal: local))
    }
    let dayEnd = moment(24 * 60)
    guard USEquitiesHolidays.isTradingDay(date) else {
      return CalendarSegment(session: .closed, start: moment(0), end: dayEnd)
    }
    let close: Int64 = USEquitiesHolidays.isEarlyClose(date) ? 13 * 60 : 16 * 60
    let bounds: [(TradingSession, UnixNanos)] = [
      (.pre, moment(4 * 60)), (.regular, moment(9 * 60 + 30)), (.post, moment(close)),
      (.closed, moment(close + 4 * 60)),
    ]
    var current = CalendarSegment(session: .closed, start: moment(0), end: bounds[0].1)
    for (index, bound) in bounds.enumerated() where bound.1 <= time {
      let end = index + 1 < bounds.count ? bounds[index + 1].1 : dayEnd
      current = CalendarSegment(session: bound.0, start: bound.1, end: end)
    }
    return current
  }

  /// Seconds to nanoseconds; the ends of 64 bits stay where they are.
  private static func nanos(_ seconds: Int64) -> UnixNanos {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return UnixNanos(overflow ? (seconds < 0 ? .min : .max) : product)
  }
}

/// Division that rounds towards minus infinity.
@inlinable
public func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
  let quotient = a / b
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient
}
