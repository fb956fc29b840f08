internal import LockFree
internal import MarketData

/// Spares a reader that asks all the time the walk over all channels: the watermark is made anew every 20 ms.
///
/// Without it every step of the sequencer costs a lock and a look for each channel there is, busy or not.
final class RecentWatermark: Sendable {
  private static let intervalNanos: Int64 = 20_000_000

  private struct Content: Sendable {
    var watermark = UnixNanos(0)
    var readAt: MonotonicNanos?
  }

  private let content = Guarded(Content())

  func read(at now: MonotonicNanos, _ read: () -> UnixNanos) -> UnixNanos {
    content.withLock { content in
      if let readAt = content.readAt, now.nanoseconds &- readAt.nanoseconds < Self.intervalNanos {
        return content.watermark
      }
      content.readAt = now
      content.watermark = read()
      return content.watermark
    }
  }
}
