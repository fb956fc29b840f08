/// The ranges of a trading date: those of one kind are one session, and what lies between them is its breaks.
public struct SessionSchedule: Equatable, Sendable {
  /// By their starts.
  public let ranges: [SessionRange]

  /// 04:00, 09:30, 16:00, 20:00.
  public static let usEquities = SessionSchedule(.usEquities)

  public init(_ ranges: [SessionRange]) {
    self.ranges = ranges.sorted { ($0.start, $0.end, $0.session.rawValue) < ($1.start, $1.end, $1.session.rawValue) }
  }

  public init(_ times: SessionTimes) {
    let all = [
      SessionRange(.pre, times.pre, times.regular), SessionRange(.regular, times.regular, times.post),
      SessionRange(.post, times.post, times.closed),
    ]
    // Sessions that do not exist begin and end at once.
    self.init(all.filter { $0.start < $0.end })
  }

  public func ranges(of session: TradingSession) -> [SessionRange] { ranges.filter { $0.session == session } }

  /// When REGULAR begins; nil where there is none.
  public var regularStart: Int? { ranges.first { $0.session == .regular }?.start }

  /// The same as boundaries; nil where boundaries cannot say it.
  public var times: SessionTimes? {
    guard let regular = ranges(of: .regular).first else { return nil }
    let times = SessionTimes(
      pre: ranges(of: .pre).first?.start, regular: regular.start, post: ranges(of: .post).first?.start,
      closed: ranges(of: .post).first?.end ?? regular.end)
    guard let times, SessionSchedule(times) == self else { return nil }
    return times
  }

  /// The schedule of a date on which REGULAR closes early: its ranges end at `minute`, those that begin then or later fall away, and POST's move
  /// together so that the first begins then. Unchanged where REGULAR has ended by then as usual.
  public func closing(at minute: Int) -> SessionSchedule {
    guard let usual = ranges(of: .regular).last?.end, minute < usual else { return self }
    let shift = ranges(of: .post).first.map { minute - $0.start } ?? 0
    return SessionSchedule(
      ranges.compactMap { range in
        switch range.session {
        case .regular: range.start < minute ? SessionRange(.regular, range.start, min(range.end, minute)) : nil
        case .post: range.moved(by: shift)
        case .pre, .closed, .continuous: range
        }
      })
  }
}
