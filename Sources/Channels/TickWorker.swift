internal import Detection
internal import LockFree
internal import MarketData
internal import Synchronization

/// The thread of one channel: takes batches from the ring, runs the detectors, hands events and markers on, in order.
///
/// Single writer of everything it owns: no lock, no allocation and no clock read for an item; clocks are read once a batch.
struct TickWorker: ~Copyable {
  /// Outputs handed over at once.
  private static let outputRunMax = 256

  private let channel: TickChannel
  private let ring: ManyToOneRing<TickRecord>
  private let output: ManyToOneQueue<SequencerInput>
  private let clock: any Clock
  private let versions: [UInt32]
  private var engine: TickEngine
  private var sizer: BatchSizer
  /// What has become of each stream's items since its last marker, by slot.
  private var tallies: [ItemTally] = []
  private var events: [MarketEvent] = []
  private let outputs = RunBuffer<SequencerInput>(capacity: 512)

  init(
    channel: TickChannel, profiles: [TickProfile], output: ManyToOneQueue<SequencerInput>, clock: any Clock
  ) {
    self.channel = channel
    self.output = output
    self.clock = clock
    ring = channel.queue.ring
    engine = TickEngine(profiles: profiles)
    versions = profiles.map(\.configVersion)
    let configuration = channel.configuration
    sizer = BatchSizer(
      strategy: configuration.batching, maxBatch: min(configuration.maxBatch, configuration.ringCapacity),
      maxWaitNanos: configuration.maxWaitNanos)
    events.reserveCapacity(64)
  }

  mutating func run() {
    while true {
      channel.inbox.answer(with: engine)
      if channel.isPaused {
        channel.queue.parker.park(atMost: 100_000_000) { !channel.isPaused || channel.inbox.isUrgent }
        continue
      }
      let isEnding = ring.isClosed
      let ready = ring.poll(upTo: sizer.limit)
      let count: Int
      switch sizer.decide(ready: ready, isEnding: isEnding, now: { clock.monotonicNow }) {
      case .take(let taken): count = taken
      case .wait(let atLeast, let nanos):
        channel.queue.await(atLeast: atLeast, atMost: nanos, or: { channel.inbox.isUrgent })
        continue
      }
      sizer.took(count)
      if count > 0 {
        process(count)
        if channel.inbox.isAwaited, ring.depth * 2 <= ring.capacity { channel.inbox.wakeWaiters() }
      } else if ring.isDrained {
        break
      } else {
        if channel.inbox.isAwaited { channel.inbox.wakeWaiters() }
        channel.queue.await(or: { channel.inbox.isUrgent })
      }
    }
    channel.inbox.close(with: engine)
  }

  private mutating func process(_ count: Int) {
    let meters = channel.meters
    let pickedUp = clock.unixNow
    let start = clock.monotonicNow
    meters.highWater.raise(to: UInt64(ring.depth))
    var items = 0
    var late = 0
    var quarantined = 0
    var outOfSession = 0
    var emitted = 0
    // Records of one read carry one time of receipt: their wait is recorded once, with their number.
    var receivedTime = UnixNanos(0)
    var sameTime = 0
    for offset in 0..<count {
      let record = ring.element(at: offset)
      guard record.kind == .item else {
        hand(on: record.marker)
        continue
      }
      items &+= 1
      if record.receivedTime != receivedTime {
        recordWait(from: receivedTime, to: pickedUp, count: sameTime)
        receivedTime = record.receivedTime
        sameTime = 0
      }
      sameTime &+= 1
      let outcome = engine.process(record.tick, profile: Int(record.profile), events: &events)
      if !outcome.isEmpty {
        withTally(of: record.slot) { tally in
          if outcome.contains(.late) { tally.late &+= 1 }
          if outcome.contains(.quarantined) { tally.quarantined &+= 1 }
          if outcome.contains(.outOfSession) { tally.outOfSession &+= 1 }
        }
        late &+= outcome.contains(.late) ? 1 : 0
        quarantined &+= outcome.contains(.quarantined) ? 1 : 0
        outOfSession &+= outcome.contains(.outOfSession) ? 1 : 0
      }
      if !events.isEmpty {
        emitted &+= events.count
        handOnEvents(of: record, detected: pickedUp)
      }
    }
    recordWait(from: receivedTime, to: pickedUp, count: sameTime)
    flush()
    // releasing, pairs with `progress`: the events up to this time are with the sequencer.
    channel.passed.store(engine.watermark.nanoseconds, ordering: .releasing)
    ring.advance(by: count)
    if items > 0 {
      let elapsed = clock.monotonicNow.nanoseconds &- start.nanoseconds
      meters.processingLatency.record(elapsed / Int64(items), count: items)
      meters.processed.add(UInt64(items - late))
      meters.late.add(UInt64(late))
      meters.quarantined.add(UInt64(quarantined))
      meters.outOfSession.add(UInt64(outOfSession))
      meters.events.add(UInt64(emitted))
      meters.batches.add(1)
      meters.symbols.set(UInt64(engine.symbolCount))
    }
  }

  private func recordWait(from received: UnixNanos, to pickedUp: UnixNanos, count: Int) {
    guard count > 0 else { return }
    channel.meters.queueLatency.record(pickedUp.nanoseconds &- received.nanoseconds, count: count)
  }

  private mutating func handOnEvents(of record: TickRecord, detected: UnixNanos) {
    for index in events.indices {
      events[index].receivedTime = record.receivedTime
      events[index].detectedTime = max(detected, record.receivedTime)
      events[index].configVersion = versions[Int(record.profile)]
      events[index].channel = UInt32(channel.index)
      append(.event(events[index]))
    }
    events.removeAll(keepingCapacity: true)
  }

  private mutating func hand(on marker: Marker) {
    var marker = marker
    withTally(of: marker.slot) { tally in
      marker.tally = tally
      tally = ItemTally()
    }
    append(.marker(marker))
  }

  private mutating func withTally(of slot: StreamSlot, _ body: (inout ItemTally) -> Void) {
    let index = Int(slot.index)
    while tallies.count <= index { tallies.append(ItemTally()) }
    body(&tallies[index])
  }

  private func append(_ input: SequencerInput) {
    outputs.append(input)
    if outputs.count >= Self.outputRunMax { flush() }
  }

  /// Waits while the sequencer is behind: events and markers are never dropped.
  private func flush() {
    guard !outputs.isEmpty else { return }
    outputs.withRun { run in _ = output.pushWaiting(contentsOf: run) }
    outputs.removeAll()
  }
}
