internal import MarketData

/// Decides when something that is costly to read is read, for all who ask: at most once in `intervalNanos`. Pure.
///
/// Whoever asks gets a reading that began after its question, so that what it has done before shows in it; who says so may have one that is no
/// older than the interval. Questions that come during a reading wait for the next.
struct ReadingTurns<Waiter: Sendable>: Sendable {
  enum Answer: Equatable {
    /// The last reading will do.
    case last
    /// A reading is to begin so much later.
    case begin(inNanos: Int64)
    /// One is coming already.
    case wait
  }

  private enum Phase: Equatable {
    case idle
    case scheduled
    case reading
  }

  let intervalNanos: Int64
  private var phase = Phase.idle
  private var began: MonotonicNanos?
  private var hasLast = false
  private var waiting: [Waiter] = []
  /// Those that the reading under way is for.
  private var served: [Waiter] = []

  init(intervalNanos: Int64) { self.intervalNanos = intervalNanos }

  mutating func ask(_ waiter: Waiter, at now: MonotonicNanos, mayBeRecent: Bool) -> Answer {
    // While one is under way, `began` is that one's: the last is older than it says.
    if mayBeRecent, hasLast, phase != .reading, let began, now.nanoseconds &- began.nanoseconds <= intervalNanos {
      return .last
    }
    waiting.append(waiter)
    guard phase == .idle else { return .wait }
    return schedule(at: now)
  }

  /// A reading begins: all who have asked until now get it.
  mutating func begin(at now: MonotonicNanos) {
    phase = .reading
    began = now
    served = waiting
    waiting = []
  }

  /// - Returns: who gets it, and when the next one has to begin; nil where nobody has asked meanwhile.
  mutating func finish(at now: MonotonicNanos) -> (waiters: [Waiter], nextInNanos: Int64?) {
    defer { served = [] }
    hasLast = true
    phase = .idle
    guard !waiting.isEmpty, case .begin(let nanos) = schedule(at: now) else { return (served, nil) }
    return (served, nanos)
  }

  private mutating func schedule(at now: MonotonicNanos) -> Answer {
    phase = .scheduled
    guard let began else { return .begin(inNanos: 0) }
    return .begin(inNanos: max(0, began.nanoseconds &+ intervalNanos &- now.nanoseconds))
  }
}
