internal import struct MarketData.MonotonicNanos

/// When to ask a silent peer for a sign of life, and when to give up. Pure: the caller sends and closes.
struct Keepalive {
  enum Action: Equatable { case none, ping, giveUp }

  /// Nanoseconds without a byte before a PING; nil = never.
  let interval: Int64?
  /// Nanoseconds that the answer may take.
  let timeout: Int64
  private var lastHeard: MonotonicNanos
  private var askedAt: MonotonicNanos?

  init(interval: Int64?, timeout: Int64, now: MonotonicNanos) {
    self.interval = interval
    self.timeout = timeout
    lastHeard = now
  }

  mutating func heard(_ now: MonotonicNanos) {
    lastHeard = now
    askedAt = nil
  }

  var next: MonotonicNanos? {
    guard let interval else { return nil }
    if let askedAt { return MonotonicNanos(askedAt.nanoseconds &+ timeout) }
    return MonotonicNanos(lastHeard.nanoseconds &+ interval)
  }

  mutating func advance(to now: MonotonicNanos) -> Action {
    guard let next, next <= now else { return .none }
    if askedAt != nil { return .giveUp }
    askedAt = now
    return .ping
  }
}
