internal import Dispatch
internal import LockFree
internal import MarketData

/// Reads the metrics for everybody who asks, away from the event loops: one reading each 100 ms at most, shared by GetMetrics, ListChannels and
/// all watches. A reading looks at every histogram of every channel: 15 ms at 256 channels, which stood in the way of the loop's ticks.
final class SharedMetrics: Sendable {
  typealias Waiter = @Sendable (MetricsReading) -> Void

  static let intervalNanos: Int64 = 100_000_000

  private struct Content: Sendable {
    var turns = ReadingTurns<Waiter>(intervalNanos: SharedMetrics.intervalNanos)
    var last: MetricsReading?
  }

  private let content = Guarded(Content())
  private let queue = DispatchQueue(label: "penstock.metrics")

  /// Calls `waiter` with a reading that began after this call, from the reading's thread.
  func ask(_ shared: SharedState, _ waiter: @escaping Waiter) {
    _ = ask(shared, mayBeRecent: false, waiter)
  }

  /// - Returns: a reading of the last 100 ms; nil where there is none, and `waiter` is called with the next.
  func recent(_ shared: SharedState, _ waiter: @escaping Waiter) -> MetricsReading? {
    ask(shared, mayBeRecent: true, waiter)
  }

  private func ask(_ shared: SharedState, mayBeRecent: Bool, _ waiter: @escaping Waiter) -> MetricsReading? {
    let now = shared.clock.monotonicNow
    let (answer, last) = content.withLock { content in
      (content.turns.ask(waiter, at: now, mayBeRecent: mayBeRecent), content.last)
    }
    switch answer {
    case .last: return last
    case .begin(let nanos): schedule(shared, in: nanos)
    case .wait: break
    }
    return nil
  }

  private func schedule(_ shared: SharedState, in nanos: Int64) {
    queue.asyncAfter(deadline: .now() + .nanoseconds(Int(nanos))) { [self, weak shared] in
      // Nobody is left to answer once the server is gone.
      if let shared { read(shared) }
    }
  }

  private func read(_ shared: SharedState) {
    content.withLock { $0.turns.begin(at: shared.clock.monotonicNow) }
    let reading = MetricsReading(shared)
    let (waiters, next) = content.withLock { content in
      content.last = reading
      return content.turns.finish(at: shared.clock.monotonicNow)
    }
    for waiter in waiters { waiter(reading) }
    if let next { schedule(shared, in: next) }
  }
}
