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
///   A copy is one reference.
/// - Source: detectors.md, "Session".
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
      return Self.segment(.continuous, day * 86_400, (day + 1) * 86_400)
    case .sessions(let calendar):
      let found = calendar.session(atUTC: seconds)
      return Self.segment(found.session, found.start, found.end)
    }
  }

  /// The whole local day that contains `time`, as the session of bars of a day or longer: REGULAR or CONTINUOUS of their date.
  public func day(at time: UnixNanos) -> CalendarSegment {
    switch kind {
    case .continuous: return segment(at: time)
    case .sessions(let calendar):
      let day = calendar.day(atUTC: floorDivide(time.nanoseconds, 1_000_000_000))
      return Self.segment(.regular, day.start, day.end)
    }
  }

  /// From UTC seconds.
  private static func segment(_ session: TradingSession, _ start: Int64, _ end: Int64) -> CalendarSegment {
    CalendarSegment(session: session, start: nanos(start), end: nanos(end))
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
