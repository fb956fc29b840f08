internal import MarketData
internal import WireCodec

/// A push whose rest waits beside a full channel, and when its publisher is told so.
struct BlockedPush {
  /// `blocked_by` is told after a wait of this long, and again each time it has passed.
  private static let noticeNanos: Int64 = 1_000_000_000

  var channel = ""
  /// The read that the rest belongs to; nil when the read goes on.
  let read: UInt64?
  private let since: MonotonicNanos
  private var lastTold: MonotonicNanos

  init(read: UInt64?, since: MonotonicNanos) {
    self.read = read
    self.since = since
    lastTold = since
  }

  /// What to tell the publisher now, if it is time.
  mutating func news(at now: MonotonicNanos) -> Acknowledgement.Blocked? {
    guard now.nanoseconds - lastTold.nanoseconds >= Self.noticeNanos else { return nil }
    lastTold = now
    let waited = (now.nanoseconds - since.nanoseconds) / 1_000_000_000
    return Acknowledgement.Blocked(
      channel: channel, reason: "the channel's ring is full; this stream has waited for \(waited) s")
  }
}
