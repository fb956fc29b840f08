internal import GRPC
internal import MarketData
internal import WireCodec

/// A running watch of the metrics: a snapshot at once, then one each interval. Belongs to its event loop.
final class MetricsWatch {
  private let loop: LoopContext
  private let intervalNanos: Int64
  private let isWritable: () -> Bool
  private let send: ([UInt8]) -> Void
  private let finish: (Status) -> Void
  private var next: MonotonicNanos

  /// - Parameter send: takes one encoded `MetricsSnapshot`.
  init(
    loop: LoopContext, intervalMillis: UInt32, isWritable: @escaping () -> Bool, send: @escaping ([UInt8]) -> Void,
    finish: @escaping (Status) -> Void
  ) {
    self.loop = loop
    self.isWritable = isWritable
    self.send = send
    self.finish = finish
    intervalNanos = Int64(intervalMillis == 0 ? 1_000 : intervalMillis) * 1_000_000
    next = loop.monotonicNow
  }

  static func problem(intervalMillis: UInt32) -> Status? {
    intervalMillis == 0 || (100...60_000).contains(intervalMillis)
      ? nil
      : Status(
        .invalidArgument, "interval_ms is \(intervalMillis); must be from 100 to 60,000, or 0 for 1,000")
  }

  func start() {
    loop.calls.add(self)
    loop.armTicker()
    tick(now: next)
  }

  func stop() { loop.calls.remove(self) }

  func end(with status: Status) {
    stop()
    finish(status)
  }

  func tick(now: MonotonicNanos) {
    guard now >= next else { return }
    // A client that reads no snapshots misses some: each is whole in itself.
    if isWritable() { send(loop.shared.metrics().encoded) }
    next = MonotonicNanos(next.nanoseconds &+ intervalNanos)
    if next < now { next = MonotonicNanos(now.nanoseconds &+ intervalNanos) }
  }
}
