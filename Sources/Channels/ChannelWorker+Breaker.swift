internal import Detection
internal import Glibc
internal import LockFree
internal import MarketData
internal import Synchronization

/// How a worker guards itself: faults that are injected, its breaker, restarts.
extension ChannelWorker {
  /// A channel whose breaker opens more often within an hour is FAILED.
  private static var openingsMax: Int { 20 }
  private static var firstRestNanos: Int64 { 50_000_000 }
  private static var longestRestNanos: Int64 { 10_000_000_000 }

  /// Whether it processes nothing for now: paused, resting after failures, or open without a sibling.
  mutating func isHeld() -> Bool {
    guard !isEnding else { return false }
    if breaker.state != .closed { look() }
    if breaker.state == .open {
      if !channel.control.mayOpen.load(ordering: .relaxed) {
        // No channel of the kind is open: items that come here wait here.
        isEvacuated = false
      } else if !isEvacuated {
        isEvacuated = evacuate(.breaker)
      }
    }
    if let restsUntil {
      if clock.monotonicNow < restsUntil { return true }
      self.restsUntil = nil
      channel.control.update { $0.isRestarting = false }
    }
    return channel.control.isHeld || (breaker.state == .open && !isEvacuated)
  }

  // MARK: - Batches

  /// How many of the next records go through before a fault strikes; stalls and slows as the plan says. Faults strike items: a marker goes out
  /// even from a channel that fails for ever.
  /// - Returns: the records, and whether the batch fails behind them.
  @inline(never)
  mutating func strike(upTo count: Int, _ isItem: (Int) -> Bool) -> (clear: Int, fails: Bool) {
    let items = (0..<count).count { isItem($0) }
    guard var injector, items > 0 else { return (count, false) }
    self.injector = nil
    defer { self.injector = injector.isSpent && heldStall == 0 ? nil : injector }
    sleep(heldStall)
    heldStall = 0
    var strike = injector.next(upTo: items)
    // A stall before the first of them lasts now; each of the plan's comes once.
    while case .stall(let nanos) = strike.ending, strike.clear == 0 {
      sleep(nanos)
      strike = injector.next(upTo: items)
    }
    sleep(strike.slowNanos)
    slowedNanos = strike.slowNanos
    // One behind items that go through lasts before the next ones.
    var fails = false
    switch strike.ending {
    case .whole: break
    case .stall(let nanos): heldStall = nanos
    case .fail: fails = true
    }
    var left = strike.clear
    for index in 0..<count where isItem(index) {
      if left == 0 { return (index, fails) }
      left -= 1
    }
    return (count, fails)
  }

  /// Stands still, like a worker whose store does not answer. The server's end must interrupt it, or a drill would hold the shutdown up.
  private func sleep(_ nanos: Int64) {
    guard nanos > 0 else { return }
    let end = clock.monotonicNow.nanoseconds &+ nanos
    while !context.router.isStopping {
      let left = end &- clock.monotonicNow.nanoseconds
      guard left > 0 else { return }
      usleep(UInt32(min(left / 1_000 + 1, 10_000)))
    }
  }

  mutating func succeed(items: Int, elapsedNanos: Int64, at time: MonotonicNanos) {
    failedStarts = 0
    let transition = breaker.record(
      succeeded: true, items: items, elapsedNanos: elapsedNanos, at: time,
      mayOpen: channel.control.mayOpen.load(ordering: .relaxed))
    if let transition { obey(transition, at: time) }
  }

  /// A batch failed before its first item: the item is tried again.
  mutating func fail() {
    let now = clock.monotonicNow
    let transition = breaker.record(
      succeeded: false, items: 0, elapsedNanos: 0, at: now, mayOpen: channel.control.mayOpen.load(ordering: .relaxed))
    let rate = breaker.failureRate(at: now)
    channel.control.update { $0.errorRate = rate }
    context.router.countFailure(cause: "batch failed")
    if let transition { obey(transition, at: now) }
  }

  private mutating func look() {
    let now = clock.monotonicNow
    if let transition = breaker.look(at: now) { obey(transition, at: now) }
  }

  // MARK: - Transitions

  mutating func force(_ force: ForcedBreaker) {
    let now = clock.monotonicNow
    let transition =
      switch force {
      case .trip: breaker.trip(at: now)
      case .reset: breaker.reset(at: now)
      }
    if let transition { obey(transition, at: now) }
    let isForced = breaker.isForced
    channel.control.update { $0.isForced = isForced }
    context.router.topologyChanged()
  }

  private mutating func obey(_ transition: CircuitBreaker.Transition, at time: MonotonicNanos) {
    let state = breaker.state
    let rate = breaker.failureRate(at: time)
    channel.control.update {
      $0.breaker = state
      $0.errorRate = rate
    }
    switch transition {
    case .opened(let cause):
      channel.control.meters.breakerOpens.add(1)
      opened(cause, at: time)
    case .halfOpened:
      channel.control.meters.restarts.add(1)
      context.router.topologyChanged()
    case .closed:
      isEvacuated = false
      context.router.topologyChanged()
    case .wouldOpen(let cause):
      rest(cause, at: time)
    }
    context.router.tell(channel.control, transition)
  }

  private mutating func opened(_ cause: CircuitBreaker.Cause, at time: MonotonicNanos) {
    isEvacuated = evacuate(.breaker)
    if isEvacuated {
      context.router.countFailure(cause: "breaker opened")
      openings.removeAll { $0.nanoseconds &+ 3_600_000_000_000 < time.nanoseconds }
      openings.append(time)
      if openings.count > Self.openingsMax, !breaker.isForced { _ = evacuate(.failure) }
    } else if !breaker.isForced {
      // The sibling went away meanwhile: the last channel of its type runs on.
      breaker.reset(at: time)
      channel.control.update { $0.breaker = .closed }
      rest(cause, at: time)
    }
  }

  /// The last channel of its type does not open: it starts again after a rest, with its state.
  private mutating func rest(_ cause: CircuitBreaker.Cause, at time: MonotonicNanos) {
    let nanos = min(Self.longestRestNanos, Self.firstRestNanos << Int64(min(failedStarts, 16)))
    failedStarts += 1
    restsUntil = MonotonicNanos(time.nanoseconds &+ nanos)
    channel.control.meters.restarts.add(1)
    channel.control.update { $0.isRestarting = true }
    context.router.countFailure(cause: "channel restarted")
  }
}
