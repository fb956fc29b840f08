/// A stretch of time within one session, or within CLOSED.
///
/// A session is one range of time or several with breaks between them; a segment is one of its ranges. CLOSED is cut at local midnights, a session's
/// breaks are CLOSED.
public struct CalendarSegment: BitwiseCopyable, Equatable, Sendable {
  public var session: TradingSession
  public var start: UnixNanos
  /// Exclusive.
  public var end: UnixNanos
  /// Where the session's first range begins; of CLOSED where the segment does.
  public var sessionStart: UnixNanos
  /// The breaks of the session before this segment, in nanoseconds.
  public var breakNanos: Int64
  /// The session's trading date in days since 1970-01-01: with the kind it tells one session from another. Of CLOSED the local date.
  public var date: Int32

  public init(
    session: TradingSession, start: UnixNanos, end: UnixNanos, sessionStart: UnixNanos? = nil, breakNanos: Int64 = 0,
    date: Int32 = 0
  ) {
    self.session = session
    self.start = start
    self.end = end
    self.sessionStart = sessionStart ?? start
    self.breakNanos = breakNanos
    self.date = date
  }

  @inlinable @inline(__always)
  public func contains(_ time: UnixNanos) -> Bool { start <= time && time < end }

  /// Whether both lie in one session; two segments of CLOSED never do.
  @inlinable @inline(__always)
  public func isSameSession(as other: CalendarSegment) -> Bool {
    date == other.date && session == other.session && session != .closed
  }
}

/// Maps times to sessions.
///
/// - Cost: a look-up takes a microsecond (some dates' ranges in local time); callers keep the segment and ask again only when they leave it.
///   A copy is one reference.
/// - Source: detectors.md, "Session" and "Calendar".
public struct TradingCalendar: Equatable, Sendable {
  private enum Kind: Equatable {
    case continuous
    case sessions(SessionCalendar)
  }

  private let kind: Kind

  /// One session CONTINUOUS a UTC day.
  public static let continuous = TradingCalendar(kind: .continuous)

  /// New York: PRE 04:00, REGULAR 09:30–16:00, POST until 20:00, by the New York Stock Exchange's holidays and early closes.
  public static let usEquities = TradingCalendar(
    kind: .sessions(SessionCalendar(rules: .usEquities, zone: .newYork)))

  private init(kind: Kind) { self.kind = kind }

  /// Nil when the system knows no such time zone.
  public init?(_ preset: CalendarPreset) {
    if preset == .continuous { self = .continuous } else { self.init(CalendarRules(preset)) }
  }

  /// Nil when the system knows no such time zone.
  public init?(_ rules: CalendarRules) {
    // New York always has rules.
    let zone =
      rules.timeZone == CalendarRules.newYork ? TimeZoneRules.newYork : TimeZoneRules(identifier: rules.timeZone)
    guard let zone else { return nil }
    self.init(kind: .sessions(SessionCalendar(rules: rules, zone: zone)))
  }

  /// What it is made of; nil when it is continuous.
  public var rules: CalendarRules? {
    switch kind {
    case .continuous: nil
    case .sessions(let calendar): calendar.rules
    }
  }

  /// The segment that contains `time`. Total: any 64-bit time has one.
  public func segment(at time: UnixNanos) -> CalendarSegment {
    let seconds = floorDivide(time.nanoseconds, 1_000_000_000)
    switch kind {
    case .continuous:
      let day = floorDivide(seconds, 86_400)
      return Self.segment(.continuous, day * 86_400, (day + 1) * 86_400, date: day)
    case .sessions(let calendar):
      let (found, sessionStart, breaks) = calendar.segment(atUTC: seconds)
      var segment = Self.segment(found.session, found.start, found.end, date: found.date)
      segment.sessionStart = Self.nanos(sessionStart)
      // At most a few days: a session's ranges lie around one date.
      segment.breakNanos = breaks * 1_000_000_000
      return segment
    }
  }

  /// The whole local day that contains `time`, as the session of bars of a day or longer: REGULAR or CONTINUOUS of their date.
  public func day(at time: UnixNanos) -> CalendarSegment {
    switch kind {
    case .continuous: return segment(at: time)
    case .sessions(let calendar):
      let day = calendar.day(atUTC: floorDivide(time.nanoseconds, 1_000_000_000))
      return Self.segment(.regular, day.start, day.end, date: day.number)
    }
  }

  /// From UTC seconds.
  private static func segment(
    _ session: TradingSession, _ start: Int64, _ end: Int64, date: Int64
  ) -> CalendarSegment {
    CalendarSegment(session: session, start: nanos(start), end: nanos(end), date: Int32(truncatingIfNeeded: date))
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
