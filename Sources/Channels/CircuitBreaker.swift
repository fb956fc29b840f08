package import MarketData

/// Takes a channel out of use while its batches fail or crawl, and lets it back in by steps. Pure: the time is a parameter.
///
/// ```
///   closed ──rate reached, or failures in a row──▶ open ──its stay has passed──▶ half open
///   half open ──a failure──▶ open, twice as long         half open ──enough successes, or its lease has passed──▶ closed
///   any ──trip──▶ open, forced: no time ends it          any ──reset──▶ closed, nothing remembered
/// ```
///
/// - Input: batches that were tried. Items refused for bad data never count: a bad client cannot close a channel for others.
/// - Cost: O(1), no allocation; once a second O(window in seconds). Not thread-safe; owned by its channel's worker.
/// - Source: architecture.md, "Channel: states, breaker, health".
package struct CircuitBreaker: Sendable {
  package enum Transition: Equatable, Sendable {
    case opened(cause: Cause)
    case halfOpened
    case closed
    /// No change of state: it had to open and may not. The caller restarts the channel with back-off.
    case wouldOpen(cause: Cause)
  }

  package enum Cause: Equatable, Sendable {
    case failuresInRow(Int)
    case failureRate(failed: Int, batches: Int, seconds: Int)
    case slowRate(slow: Int, batches: Int, seconds: Int)
    case probeFailed
    case forced
  }

  private enum Phase: Equatable, Sendable {
    case closed(failuresInRow: Int)
    case open(until: MonotonicNanos, stayNanos: Int64)
    /// The lease is as long as the stay before it.
    case halfOpen(until: MonotonicNanos, leaseNanos: Int64, successes: Int)
    case forced
  }

  private static let minuteNanos: Int64 = 60_000_000_000

  private var settings: BreakerSettings
  private var phase = Phase.closed(failuresInRow: 0)
  /// Batches recorded while closed; emptied at each closing, so that old failures cannot open it again.
  private var window: BatchWindow
  /// All batches of the last minute, whatever the state.
  private var lastMinute = BatchWindow(nanos: minuteNanos)
  /// How long the last stay in OPEN was; 0 once a success or a reset has ended the doubling.
  private var lastStayNanos: Int64 = 0

  /// Time of the last transition. Timed transitions happen lazily, at the next call.
  package private(set) var since: MonotonicNanos
  /// How often it has opened, by itself or by force. Never goes back.
  package private(set) var opens: UInt64 = 0

  /// - Parameter settings: without problems.
  package init(_ settings: BreakerSettings, since: MonotonicNanos) {
    self.settings = settings
    self.since = since
    window = BatchWindow(nanos: settings.windowNanos)
  }

  package var state: BreakerState {
    switch phase {
    case .closed: .closed
    case .open, .forced: .open
    case .halfOpen: .halfOpen
    }
  }

  /// Open by `trip` until `reset`.
  package var isForced: Bool { phase == .forced }

  /// When time alone will change the state, unless a batch does before; nil where it does not.
  package var changesAt: MonotonicNanos? {
    switch phase {
    case .closed, .forced: nil
    case .open(let until, _), .halfOpen(let until, _, _): until
    }
  }

  /// Of the batches of the last minute, the failed ones' share: 0…1, 0 without batches.
  package mutating func failureRate(at time: MonotonicNanos) -> Double {
    lastMinute.advance(to: time)
    let sums = lastMinute.sums
    return sums.batches == 0 ? 0 : Double(sums.failed) / Double(sums.batches)
  }

  /// Counts a batch that has ended.
  ///
  /// - Parameters:
  ///   - items: 0 for a batch of markers only: never slow.
  ///   - elapsedNanos: of the whole batch.
  ///   - mayOpen: false for the last channel of its type. Instead of opening, the breaker forgets its window and returns `wouldOpen`.
  package mutating func record(
    succeeded: Bool, items: Int, elapsedNanos: Int64, at time: MonotonicNanos, mayOpen: Bool
  ) -> Transition? {
    lastMinute.add(isFailed: !succeeded, isSlow: false, at: time)
    switch phase {
    case .closed(let failuresInRow):
      // As Double: the product of two settings' limits would not fit 64 bits; below 2⁵³ ns, 104 days, it is exact.
      let isSlow = items > 0 && Double(elapsedNanos) > Double(settings.slowItemNanos) * Double(items)
      window.add(isFailed: !succeeded, isSlow: isSlow, at: time)
      let row = succeeded ? 0 : failuresInRow + 1
      phase = .closed(failuresInRow: row)
      guard let cause = causeToOpen(failuresInRow: row) else { return nil }
      guard mayOpen else {
        phase = .closed(failuresInRow: 0)
        window.forget()
        return .wouldOpen(cause: cause)
      }
      return open(cause, at: time)
    case .halfOpen(let until, let leaseNanos, let successes):
      guard succeeded else {
        if mayOpen { return open(.probeFailed, at: time) }
        // The restart stands in for the stay in OPEN; what follows it is probed anew.
        phase = .halfOpen(until: Self.end(of: leaseNanos, from: time), leaseNanos: leaseNanos, successes: 0)
        return .wouldOpen(cause: .probeFailed)
      }
      if successes + 1 >= settings.probeBatches || time >= until { return close(at: time) }
      phase = .halfOpen(until: until, leaseNanos: leaseNanos, successes: successes + 1)
      return nil
    case .open, .forced:
      // The batch was taken before the breaker opened: it is neither a probe nor part of the next window.
      return look(at: time)
    }
  }

  /// Makes the change that time alone brings, one at a call. Before each batch, and now and then without traffic.
  package mutating func look(at time: MonotonicNanos) -> Transition? {
    switch phase {
    case .open(let until, let stayNanos) where time >= until:
      // From now, not from `until`: a lease that ran while nobody looked would have let nothing in.
      phase = .halfOpen(until: Self.end(of: stayNanos, from: time), leaseNanos: stayNanos, successes: 0)
      since = time
      return .halfOpened
    case .halfOpen(let until, _, _) where time >= until:
      // A failure would have opened it: there were only successes, or nothing, and missing traffic must not hold it here.
      return close(at: time)
    case .open, .halfOpen, .closed, .forced: return nil
    }
  }

  /// Opens it until `reset`. Nil where it was open already; it is forced from now on all the same.
  @discardableResult
  package mutating func trip(at time: MonotonicNanos) -> Transition? {
    let wasOpen = state == .open
    phase = .forced
    guard !wasOpen else { return nil }
    since = time
    opens += 1
    return .opened(cause: .forced)
  }

  /// Closes it and forgets all statistics and the doubling. Nil where it was closed already; it forgets all the same.
  @discardableResult
  package mutating func reset(at time: MonotonicNanos) -> Transition? {
    lastMinute.forget()
    guard state == .closed else { return close(at: time) }
    phase = .closed(failuresInRow: 0)
    window.forget()
    return nil
  }

  /// Takes other settings, without problems, from the next batch or opening on. State, doubling and a stay or lease under way are kept;
  /// a window of another length starts empty.
  package mutating func change(_ settings: BreakerSettings) {
    if settings.windowNanos != self.settings.windowNanos { window = BatchWindow(nanos: settings.windowNanos) }
    self.settings = settings
  }

  private func causeToOpen(failuresInRow: Int) -> Cause? {
    // In a row, however long that took: a channel that fails its one batch an hour is broken, too.
    if failuresInRow >= settings.consecutiveFailures { return .failuresInRow(failuresInRow) }
    let sums = window.sums
    let batches = Int(sums.batches)
    guard batches >= settings.minBatches else { return nil }
    if Double(sums.failed) * 100 >= settings.failureRatePct * Double(batches) {
      return .failureRate(failed: Int(sums.failed), batches: batches, seconds: window.seconds)
    }
    if Double(sums.slow) * 100 >= settings.slowRatePct * Double(batches) {
      return .slowRate(slow: Int(sums.slow), batches: batches, seconds: window.seconds)
    }
    return nil
  }

  private mutating func open(_ cause: Cause, at time: MonotonicNanos) -> Transition {
    lastStayNanos = min(max(settings.openNanos, lastStayNanos * 2), settings.openMaxNanos)
    phase = .open(until: Self.end(of: lastStayNanos, from: time), stayNanos: lastStayNanos)
    since = time
    opens += 1
    return .opened(cause: cause)
  }

  private mutating func close(at time: MonotonicNanos) -> Transition {
    phase = .closed(failuresInRow: 0)
    window.forget()
    lastStayNanos = 0
    since = time
    return .closed
  }

  private static func end(of nanos: Int64, from time: MonotonicNanos) -> MonotonicNanos {
    MonotonicNanos(time.nanoseconds + nanos)
  }
}

extension CircuitBreaker.Cause: CustomStringConvertible {
  package var description: String {
    switch self {
    case .failuresInRow(1): "a batch failed"
    case .failuresInRow(let count): "\(count) batches in a row failed"
    case .failureRate(let failed, let batches, let seconds):
      "\(Self.percent(failed, of: batches)) % of \(batches) batches failed in \(seconds) s"
    case .slowRate(let slow, let batches, let seconds):
      "\(Self.percent(slow, of: batches)) % of \(batches) batches were slow in \(seconds) s"
    case .probeFailed: "probe failed"
    case .forced: "forced"
    }
  }

  /// Rounded down: 100 means all of them.
  private static func percent(_ part: Int, of whole: Int) -> Int { whole == 0 ? 0 : part * 100 / whole }
}
