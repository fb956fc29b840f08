internal import GRPC
internal import MarketData
internal import WireCodec

/// A running watch of the metrics: a snapshot at once, then one each interval. Belongs to its event loop.
final class MetricsWatch {
  private let loop: LoopContext
  private let peer: String
  private let intervalNanos: Int64
  private let isWritable: () -> Bool
  private let send: (MetricsReading) -> Void
  private let finish: (Status) -> Void
  private var next: MonotonicNanos
  private var isWaiting = false
  private var isOver = false

  /// - Precondition: it is counted by `Admission.watch`; `stop` takes it out.
  init(
    loop: LoopContext, peer: String, intervalMillis: UInt32, isWritable: @escaping () -> Bool,
    send: @escaping (MetricsReading) -> Void,
    finish: @escaping (Status) -> Void
  ) {
    self.loop = loop
    self.peer = peer
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
    // Whoever has just done something sees it in the first one.
    ask(mayBeRecent: false)
    step(from: next)
  }

  func stop() {
    guard !isOver else { return }
    isOver = true
    loop.calls.remove(self)
    loop.shared.subscribers.giveBack(by: peer)
  }

  func end(with status: Status) {
    stop()
    finish(status)
  }

  func tick(now: MonotonicNanos) {
    guard now >= next else { return }
    // A client that reads no snapshots misses some: each is whole in itself.
    // A watch about as fast as readings are made would be sent the same one twice.
    if isWritable() { ask(mayBeRecent: intervalNanos >= 2 * SharedMetrics.intervalNanos) }
    step(from: now)
  }

  private func step(from now: MonotonicNanos) {
    next = MonotonicNanos(next.nanoseconds &+ intervalNanos)
    if next < now { next = MonotonicNanos(now.nanoseconds &+ intervalNanos) }
  }

  private func ask(mayBeRecent: Bool) {
    guard !isWaiting else { return }
    isWaiting = true
    let (id, mailbox, shared) = (ObjectIdentifier(self), loop.mailbox, loop.shared)
    let waiter: SharedMetrics.Waiter = { reading in mailbox.post { $0.calls.watch(id)?.take(reading) } }
    guard mayBeRecent else { return shared.sharedMetrics.ask(shared, waiter) }
    if let reading = shared.sharedMetrics.recent(shared, waiter) { take(reading) }
  }

  private func take(_ reading: MetricsReading) {
    guard isWaiting else { return }
    isWaiting = false
    if isWritable() { send(reading) }
  }
}
