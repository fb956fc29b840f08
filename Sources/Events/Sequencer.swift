package import LockFree
package import MarketData
internal import Synchronization

/// Gives events their place in the log, and lets markers out behind them.
///
/// One thread (or a test) steps it. A batch is appended and published first, its markers handed out next, and the subscribers woken last: an
/// acknowledged event is always visible.
package final class Sequencer<Encoder: EventEncoder>: @unchecked Sendable {
  // @unchecked: everything mutable but `watermarkNanos` belongs to the thread that calls `step`.

  package let log: MemoryEventLog
  package let queue: ManyToOneQueue<SequencerInput>
  private let encoder: Encoder
  private let clock: any Clock
  private let passed: @Sendable () -> UnixNanos
  private let markersOut: @Sendable ([Marker]) -> Void
  private let wake: @Sendable () -> Void
  private let watermarkNanos = Atomic<Int64>(0)

  private var sequence: UInt64
  private var lastTime = UnixNanos(0)
  private var consumed = 0
  /// A watermark that holds once this much has been consumed.
  private var candidate: (time: UnixNanos, after: Int)?
  private var markers: [Marker] = []
  private var framed: [UInt8] = []

  /// - Parameters:
  ///   - passed: the newest event time that all channels have passed (`ChannelRouter.watermark`).
  ///   - markersOut: takes the markers of a batch, in order.
  ///   - wake: the log has grown.
  package init(
    log: MemoryEventLog, queue: ManyToOneQueue<SequencerInput>, encoder: Encoder, clock: any Clock,
    passed: @escaping @Sendable () -> UnixNanos, markersOut: @escaping @Sendable ([Marker]) -> Void,
    wake: @escaping @Sendable () -> Void
  ) {
    self.log = log
    self.queue = queue
    self.encoder = encoder
    self.clock = clock
    self.passed = passed
    self.markersOut = markersOut
    self.wake = wake
    sequence = log.lastSequence
  }

  /// The newest event time that all channels have passed and whose events are in the log; 0 before any input, never falling.
  package var watermark: UnixNanos { UnixNanos(watermarkNanos.load(ordering: .acquiring)) }

  /// Runs until the queue is closed and drained.
  package func run() {
    while true {
      if step(upTo: 1_024) > 0 { continue }
      if queue.ring.isDrained { return }
      queue.await()
    }
  }

  /// Takes what is there, up to a limit; returns how much that was.
  @discardableResult
  package func step(upTo limit: Int) -> Int {
    // Read before the ring is: a channel hands its events over before it passes their time.
    if candidate == nil { candidate = (passed(), consumed + queue.ring.depth) }
    let count = queue.ring.poll(upTo: limit)
    if count > 0 { take(count) }
    if let candidate, consumed >= candidate.after {
      self.candidate = nil
      if candidate.time > watermark { watermarkNanos.store(candidate.time.nanoseconds, ordering: .releasing) }
    }
    return count
  }

  private func take(_ count: Int) {
    let before = sequence
    var now = max(clock.unixNow, lastTime)
    for offset in 0..<count {
      switch queue.ring.element(at: offset) {
      case .event(let event):
        // Clocks are read once a batch; an event of this batch may have been detected since.
        now = max(now, event.detectedTime)
        append(event, at: now)
      case .marker(let marker):
        markers.append(marker)
      }
    }
    lastTime = now
    queue.ring.advance(by: count)
    consumed += count
    if sequence != before { log.publish() }
    if !markers.isEmpty {
      markersOut(markers)
      markers.removeAll(keepingCapacity: true)
    }
    if sequence != before { wake() }
  }

  private func append(_ event: MarketEvent, at time: UnixNanos) {
    sequence += 1
    framed.removeAll(keepingCapacity: true)
    encoder.frame(event, sequence: sequence, sequencedTime: time, into: &framed)
    let entry = LogEntry(
      offset: 0, length: 0, symbol: event.symbol, channel: UInt16(truncatingIfNeeded: event.channel), type: event.type,
      direction: event.direction, session: event.session, significance: event.significance, sequencedTime: time,
      receivedTime: event.receivedTime)
    log.append(entry, framed: framed, sequence: sequence)
  }
}
