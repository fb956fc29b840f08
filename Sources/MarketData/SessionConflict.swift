/// Two ranges that cannot both hold, as a schedule's ranges on one trading date, or on one and that after it.
public struct SessionConflict: Equatable, Sendable {
  /// The range that is in the way.
  public var range: SessionRange
  public var reason: Reason
  /// How many days after the other ranges' date `range` belongs: -1, 0 or 1.
  public var daysLater: Int

  public enum Reason: Equatable, Sendable {
    case overlaps(SessionRange)
    /// It lies in the break between these two ranges of another session.
    case liesInBreak(SessionRange, SessionRange)
  }
}

extension SessionSchedule {
  /// Every two ranges that overlap, and every range inside the break of another session.
  ///
  /// - Parameter hasNextDay: whether the calendar has trading dates of two days in a row, whose ranges can meet.
  /// - Cost: grows with the square of the number of ranges.
  public func conflicts(hasNextDay: Bool) -> [SessionConflict] {
    var found: [SessionConflict] = []
    for (index, range) in ranges.enumerated() {
      for other in ranges[..<index] where range.overlaps(other.start, other.end) {
        found.append(SessionConflict(range: range, reason: .overlaps(other), daysLater: 0))
      }
      guard hasNextDay else { continue }
      let next = range.moved(by: Self.day)
      for other in ranges where next.overlaps(other.start, other.end) {
        found.append(SessionConflict(range: range, reason: .overlaps(other), daysLater: 1))
      }
    }
    return found + conflictsWithBreaks(hasNextDay: hasNextDay)
  }

  private static let day = 24 * 60

  private func conflictsWithBreaks(hasNextDay: Bool) -> [SessionConflict] {
    var found: [SessionConflict] = []
    for session in [TradingSession.pre, .regular, .post] {
      let own = ranges(of: session)
      for (before, after) in zip(own, own.dropFirst()) where before.end < after.start {
        for daysLater in hasNextDay ? [-1, 0, 1] : [0] {
          for range in ranges where daysLater != 0 || range.session != session {
            guard range.moved(by: daysLater * Self.day).overlaps(before.end, after.start) else { continue }
            found.append(
              SessionConflict(range: range, reason: .liesInBreak(before, after), daysLater: daysLater))
          }
        }
      }
    }
    // A range that reaches into a break from outside overlaps something as well: that has been told.
    return found.filter { conflict in
      guard case .liesInBreak(let before, let after) = conflict.reason else { return true }
      let range = conflict.range.moved(by: conflict.daysLater * Self.day)
      return before.end <= range.start && range.end <= after.start
    }
  }
}
