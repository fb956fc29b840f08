internal import MarketData

/// What a subscription's feed does next: when it asks for a turn, sends, only counts, tells the time, and ends. Pure.
///
/// ```
///   due ──all sent──▶ idle ──log grew──▶ due          due: waits for its turn among the loop's feeds
///    │ ▲                                              waiting: the client takes nothing; what comes is only counted
///    │ └──writable, log grew── waiting ◀──nothing taken, all counted── due
///    ├──told its end──▶ ended ──stream closed──▶ over
///    └──too slow──────▶ cut ──grace passed: reset──▶ ended ──stream closed──▶ over
/// ```
struct FeedStateMachine {
  enum Phase: Equatable {
    case due
    case idle
    case waiting
    /// The end is told, and follows what is queued. It counts as a subscriber until its stream is closed.
    case ended
    /// As `ended`, with nothing queued that can be dropped: reset at a time when the client still does not take the status.
    case cut(resetAt: MonotonicNanos)
    case over
  }

  enum Event: Equatable {
    case began
    case logGrew
    /// The client takes something again.
    case writable
    /// The scheduler gives the feed its turn.
    case turn(isWritable: Bool)
    /// Something was sent, and there may be more.
    case sentSome
    /// All that is in the log has been sent.
    case sentAll
    /// The subscription has come to its own end, and that was told.
    case finished
    /// The log was looked at as far as a turn allows, while the client takes nothing.
    case countedSome
    case countedAll
    case foundTooSlow(now: MonotonicNanos)
    case tick(now: MonotonicNanos, isWritable: Bool)
    case responded(now: MonotonicNanos)
    /// The server goes: the end comes behind all events in the log.
    case drained
    /// The client has gone, or another subscription takes its place.
    case stopped
    case streamClosed
  }

  enum Action: Equatable {
    case none
    /// Ask the scheduler for a turn.
    case queue
    /// Send what there is, or only look at it to see whether it is too much.
    case send
    case count
    case heartbeat
    /// End with UNAVAILABLE, behind what is queued.
    case endDraining
    /// End for slowness: drop what is queued and tell why.
    case cut
    case reset
    /// Leave the loop's registers: nothing follows.
    case release
  }

  /// A client that takes not even the status of a cut subscription has so long to do it: contract and issue want the stream gone within ten
  /// seconds, and a client that opens its window before gets its place in the log.
  static let graceNanos: Int64 = 9_000_000_000

  private(set) var phase = Phase.due
  private(set) var isDraining = false
  private let heartbeatNanos: Int64
  private var lastResponse: MonotonicNanos

  init(heartbeatNanos: Int64, now: MonotonicNanos) {
    self.heartbeatNanos = heartbeatNanos
    lastResponse = now
  }

  /// Whether events may still be sent.
  var isRunning: Bool { phase == .due || phase == .idle || phase == .waiting }

  mutating func handle(_ event: Event) -> Action {
    switch (phase, event) {
    case (.over, _): return .none
    case (_, .stopped), (_, .streamClosed):
      phase = .over
      return .release
    case (.cut(let time), .tick(let now, _)) where now >= time:
      phase = .ended
      return .reset
    case (.cut, _), (.ended, _): return .none

    case (_, .began), (.idle, .logGrew), (.waiting, .logGrew), (.waiting, .writable):
      phase = .due
      return .queue
    case (.due, .logGrew), (.due, .writable), (.idle, .writable): return .none

    case (.due, .turn(let isWritable)): return isWritable ? .send : .count
    case (.idle, .turn), (.waiting, .turn): return .none
    case (_, .sentSome), (_, .countedSome):
      phase = .due
      return .queue
    case (_, .sentAll):
      phase = isDraining ? .ended : .idle
      return isDraining ? .endDraining : .none
    case (_, .finished):
      phase = .ended
      return .none
    case (_, .countedAll):
      phase = .waiting
      return .none
    case (_, .foundTooSlow(let now)):
      phase = .cut(resetAt: MonotonicNanos(now.nanoseconds &+ Self.graceNanos))
      return .cut

    case (_, .tick(let now, let isWritable)):
      let isDue = now.nanoseconds &- lastResponse.nanoseconds >= heartbeatNanos
      return isDue && isWritable ? .heartbeat : .none
    case (_, .responded(let now)):
      lastResponse = now
      return .none
    case (_, .drained):
      isDraining = true
      guard phase == .idle else { return .none }
      phase = .due
      return .queue
    }
  }
}
