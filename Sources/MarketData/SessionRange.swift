/// A range of local time in which a session trades, in minutes since its trading date's midnight.
///
/// - Range: from -1,440, the midnight before, to 1,440, `24:00`. What is negative lies on the calendar day before.
public struct SessionRange: Hashable, Sendable {
  /// PRE, REGULAR or POST.
  public var session: TradingSession
  public var start: Int
  /// Exclusive.
  public var end: Int

  public init(_ session: TradingSession, _ start: Int, _ end: Int) {
    self.session = session
    self.start = start
    self.end = end
  }

  func overlaps(_ from: Int, _ to: Int) -> Bool { start < to && from < end }

  func moved(by minutes: Int) -> SessionRange { SessionRange(session, start + minutes, end + minutes) }
}
