package import MarketData

/// When a worker takes a batch, and how large.
package enum BatchingStrategy: String, CaseIterable, Sendable {
  /// Whatever is there, up to the limit, at once.
  case immediate
  /// Full batches; what is there when the oldest item has waited for the longest time.
  case size
  /// At intervals while items come: what has come since the batch before; after a quiet time, what has come since the first item.
  case time
  /// A limit that doubles while batches come full and halves while they come nearly empty: short batches keep latency low when little
  /// arrives, long ones keep the cost per item low when much does.
  case adaptive
}

/// Decides when the next batch is taken. Pure: the time is a parameter.
package struct BatchSizer: Equatable, Sendable {
  package enum Decision: Equatable, Sendable {
    /// Take so many; 0 = nothing is there.
    case take(Int)
    /// Look again when `atLeast` items are there, or after so long.
    case wait(atLeast: Int, nanos: Int64)
  }

  private static let adaptiveMin = 32

  private let strategy: BatchingStrategy
  private let maxBatch: Int
  private let maxWaitNanos: Int64
  package private(set) var limit: Int
  /// When the oldest item that waits was first seen, or, of `time`, when the interval began.
  private var waitingSince: MonotonicNanos?
  /// When `time` took its last batch.
  private var lastTaken: MonotonicNanos?

  package init(strategy: BatchingStrategy, maxBatch: Int, maxWaitNanos: Int64 = 0) {
    self.strategy = strategy
    self.maxBatch = max(1, maxBatch)
    self.maxWaitNanos = max(0, maxWaitNanos)
    limit = strategy == .adaptive ? min(Self.adaptiveMin, self.maxBatch) : self.maxBatch
  }

  /// - Parameters:
  ///   - ready: how many items are there, at most `limit`.
  ///   - isEnding: nothing more will come: nothing is waited for.
  ///   - now: asked only where the strategy waits.
  package mutating func decide(ready: Int, isEnding: Bool, now: () -> MonotonicNanos) -> Decision {
    guard strategy == .size || strategy == .time, ready > 0, !isEnding else { return .take(ready) }
    // A full batch need not wait for the interval's end: more would not fit into it.
    if ready < limit {
      let now = now()
      let since = waitingSince ?? now
      waitingSince = since
      let left = maxWaitNanos - (now.nanoseconds - since.nanoseconds)
      if left > 0 { return .wait(atLeast: limit, nanos: left) }
    }
    waitingSince = strategy == .time ? nextInterval(from: now()) : nil
    return .take(ready)
  }

  /// Behind a batch of `time`, where nothing is there: how long to sleep until the interval ends, whatever comes; nil where the first item is to
  /// wake the worker. Without the pause every batch would cost two wake-ups: one for its first item, one for its end.
  package mutating func pause(now: () -> MonotonicNanos) -> Int64? {
    guard strategy == .time, let since = waitingSince else { return nil }
    let left = maxWaitNanos - (now().nanoseconds - since.nanoseconds)
    if left > 0 { return left }
    waitingSince = nil
    return nil
  }

  /// The next interval begins with this batch where batches follow each other closely, with its first item elsewhere.
  private mutating func nextInterval(from now: MonotonicNanos) -> MonotonicNanos? {
    defer { lastTaken = now }
    guard let lastTaken, now.nanoseconds - lastTaken.nanoseconds <= 2 * maxWaitNanos else { return nil }
    return now
  }

  /// Notes how many items the batch just taken had.
  package mutating func took(_ count: Int) {
    guard strategy == .adaptive else { return }
    if count >= limit {
      limit = min(maxBatch, limit * 2)
    } else if count < limit / 4 {
      limit = max(min(Self.adaptiveMin, maxBatch), limit / 2)
    }
  }
}
