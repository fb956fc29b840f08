internal import MarketData

/// Tells when something has stood still for too long. Pure: it is shown the progress and the time again and again.
struct IdleWatch<Progress: Equatable> {
  let limitNanos: Int64
  private var progress: Progress
  private var since: MonotonicNanos

  init(limitNanos: Int64, _ progress: Progress, at now: MonotonicNanos) {
    self.limitNanos = limitNanos
    self.progress = progress
    since = now
  }

  /// - Parameter isWaiting: whether it is the other side's turn: who works is not idle.
  /// - Returns: whether nothing has moved for the limit, although it was the other side's turn.
  mutating func isIdle(_ progress: Progress, isWaiting: Bool, at now: MonotonicNanos) -> Bool {
    guard isWaiting, progress == self.progress else {
      self.progress = progress
      since = now
      return false
    }
    return now.nanoseconds &- since.nanoseconds >= limitNanos
  }
}
