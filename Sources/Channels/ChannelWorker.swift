internal import Detection
internal import Glibc
internal import LockFree
internal import MarketData
internal import Synchronization

/// The thread of one channel: takes batches from the ring, runs the detectors, hands events and markers on, in order.
///
/// The worker is the only writer of its state: an item costs no lock, no allocation and no clock read; clocks are read once a batch. Moves of
/// symbols are in `ChannelWorker+Moves`, faults and the breaker in `ChannelWorker+Breaker`.
struct ChannelWorker<Engine: ChannelEngine>: ~Copyable {
  /// Outputs are handed over once there are so many; the last item may add a few more.
  private static var outputRunMax: Int { 256 }
  /// The longest sleep of an idle worker. Producers wake it; this bounds the damage should a wake-up ever be missed.
  private static var idleNanos: Int64 { 1_000_000_000 }
  /// Shorter while the breaker is not closed and while the worker is held: both change by the clock alone, and nobody wakes the worker then.
  private static var watchfulNanos: Int64 { 100_000_000 }
  private static var heldNanos: Int64 { 20_000_000 }

  let channel: ItemChannel<Engine>
  let context: WorkerContext
  let clock: any Clock
  var gate: Gate<Engine.Item>
  var engine: Engine
  /// Counts of each stream's items since the stream's last marker, by slot; the next marker carries them.
  var tallies: [ItemTally] = []
  /// Records that come before those in the ring: handed over by another channel, or from beside the ring.
  var backlog: [ItemRecord<Engine.Item>] = []
  var backlogStart = 0
  var breaker: CircuitBreaker
  var injector: FaultInjector?
  /// A stall of the plan that strikes before the next item, in nanoseconds.
  var heldStall: Int64 = 0
  /// How much longer the plan made the next batch's items take: part of their time, in nanoseconds.
  var slowedNanos: Int64 = 0
  /// Restarts by the breaker's will that have not been followed by a good batch.
  var failedStarts = 0
  /// Processes nothing before this time.
  var restsUntil: MonotonicNanos?
  /// When its breaker opened, during the last hour.
  var openings: [MonotonicNanos] = []
  /// Whether the symbols have moved away from an open breaker.
  var isEvacuated = false
  /// Whether the next turn may run a job. Turns alternate: jobs that never cease would keep the ring's records waiting for ever.
  private var isJobsTurn = true
  /// No more input comes: finish, then end.
  var isEnding = false
  var hasEnded = false
  /// A move is under way: the breaker waits.
  var isMoving = false
  /// The batch to be judged. Judged after `advance`: opening the breaker evacuates the ring and must not find this batch in it.
  private var finished: (items: Int, elapsedNanos: Int64, end: MonotonicNanos)?
  private var versions: [UInt32]
  private var sizer: BatchSizer
  private var idle: IdleStrategy
  private var events: [MarketEvent] = []
  private let outputs = RunBuffer<SequencerInput>(capacity: 512)

  init(channel: ItemChannel<Engine>, gate: Gate<Engine.Item>, context: WorkerContext) {
    self.channel = channel
    self.gate = gate
    self.context = context
    clock = channel.core.clock
    let profiles = context.router.profiles
    engine = Engine(channelProfiles: profiles)
    versions = profiles.map(\.configVersion)
    let settings = channel.core.settings
    sizer = settings.sizer
    idle = settings.idle
    breaker = CircuitBreaker(settings.breaker, since: clock.monotonicNow)
    let injector = FaultInjector(context.faults, channel: channel.core.name)
    self.injector = injector.isSpent ? nil : injector
    events.reserveCapacity(64)
  }

  /// A worker's whole life, on its thread.
  static func run(_ channel: ItemChannel<Engine>, _ gate: Gate<Engine.Item>, _ context: WorkerContext) {
    var worker = Self(channel: channel, gate: gate, context: context)
    worker.run()
  }

  private mutating func run() {
    let core = channel.core
    while !hasEnded {
      // The ring before the inbox: a record that is seen here was pushed after the handover that it may need was posted.
      let entrance = gate
      let ready = entrance.ring.poll(upTo: sizer.limit)
      if runInbox(withJob: isJobsTurn) {
        isJobsTurn = false
        continue
      }
      isJobsTurn = true
      if isHeld() {
        // A pause ends by a call, which wakes the worker; a rest and an open breaker end by the clock.
        let isPaused = core.isHeld
        let nanos = isPaused && restsUntil == nil && breaker.state == .closed ? Self.idleNanos : Self.heldNanos
        core.parker.park(atMost: nanos) { channel.inbox.isUrgent || (isPaused && !core.isHeld) }
        continue
      }
      // The breaker may have moved everything.
      guard gate === entrance else { continue }
      if backlogStart < backlog.count {
        processBacklog()
        continue
      }
      let count: Int
      switch sizer.decide(ready: ready, isEnding: isEnding, now: { clock.monotonicNow }) {
      case .take(let taken): count = taken
      case .wait(let atLeast, let nanos):
        gate.queue.await(atLeast: atLeast, atMost: nanos, as: idle, or: { channel.inbox.isUrgent })
        continue
      }
      sizer.took(count)
      if count > 0 {
        processRing(count)
        if core.isAwaited, gate.ring.depth * 2 <= gate.ring.capacity, !gate.isSpilling { core.wakeWaiters() }
      } else if gate.isSpilling {
        takeSpill()
      } else if isEnding, gate.ring.isDrained {
        hasEnded = channel.inbox.closeIfEmpty()
      } else {
        if core.isAwaited { core.wakeWaiters() }
        awaitInput()
      }
    }
    while runInbox(withJob: true) {}
    core.observe(nil)
    core.wakeWaiters()
  }

  private mutating func awaitInput() {
    if let nanos = sizer.pause(now: { clock.monotonicNow }) {
      gate.queue.await(atLeast: sizer.limit, atMost: nanos, as: idle, or: { channel.inbox.isUrgent })
    } else {
      // A breaker that is not closed changes by time, at the next look.
      let nanos = breaker.state == .closed ? Self.idleNanos : Self.watchfulNanos
      gate.queue.await(atMost: nanos, as: idle, or: { channel.inbox.isUrgent })
    }
  }

  /// - Returns: whether there was anything.
  private mutating func runInbox(withJob: Bool) -> Bool {
    let (parcels, job) = channel.inbox.take(withJob: withJob)
    for parcel in parcels { adopt(parcel) }
    job?(&self)
    return !parcels.isEmpty || job != nil
  }

  // MARK: - Batches

  private mutating func processRing(_ ready: Int) {
    guard injector == nil else { return processRingUnderFaults(ready) }
    let gate = gate
    process(ready) { gate.ring.element(at: $0) }
    gate.ring.advance(by: ready)
    judgeBatch()
  }

  private mutating func judgeBatch() {
    guard let (items, elapsedNanos, end) = finished else { return }
    finished = nil
    if !isMoving { succeed(items: items, elapsedNanos: elapsedNanos, at: end) }
  }

  @inline(never)
  private mutating func processRingUnderFaults(_ ready: Int) {
    let gate = gate
    let (clear, fails) = strike(upTo: ready) { gate.ring.element(at: $0).kind == .item }
    if clear > 0 {
      process(clear) { gate.ring.element(at: $0) }
      gate.ring.advance(by: clear)
      judgeBatch()
    }
    if fails { fail() }
  }

  /// Processes one batch of the backlog, which comes before the ring's records.
  private mutating func processBacklog() {
    let count = min(sizer.limit, backlog.count - backlogStart)
    let (records, start) = (backlog, backlogStart)
    let (clear, fails) =
      injector == nil ? (count, false) : strike(upTo: count) { records[start + $0].kind == .item }
    if clear > 0 { process(clear) { records[start + $0] } }
    backlogStart += clear
    if backlogStart == backlog.count {
      backlog = []
      backlogStart = 0
      channel.core.hasBacklog.store(false, ordering: .releasing)
    }
    judgeBatch()
    if fails { fail() }
  }

  mutating func processWholeBacklog() {
    while backlogStart < backlog.count { processBacklog() }
  }

  private mutating func takeSpill() {
    // Set `hasBacklog` before the gate's flag is cleared: in between, the channel could look empty, and the watermark pass these records.
    channel.core.hasBacklog.store(true, ordering: .releasing)
    guard let (records, dropped) = gate.takeSpill() else {
      return channel.core.hasBacklog.store(false, ordering: .releasing)
    }
    // A handover may have come since the last look at the inbox; it belongs before records that were spilled after it.
    for parcel in channel.inbox.takeParcels() { adopt(parcel) }
    add(dropped)
    append(records)
  }

  mutating func append(_ records: [ItemRecord<Engine.Item>]) {
    if backlogStart > 0 {
      backlog.removeFirst(backlogStart)
      backlogStart = 0
    }
    backlog += records
    channel.core.hasBacklog.store(!backlog.isEmpty, ordering: .releasing)
  }

  mutating func add(_ dropped: [StreamSlot: UInt64]) {
    for (slot, count) in dropped { withTally(of: slot) { $0.dropped &+= count } }
  }

  /// Runs the detectors over the first `count` records and hands events and markers to the sequencer.
  @inline(__always)
  private mutating func process(_ count: Int, _ record: (Int) -> ItemRecord<Engine.Item>) {
    let meters = channel.core.meters
    let lastPrices = context.lastPrices
    let pickedUp = clock.unixNow
    let jump = clock.lastJump
    let start = clock.monotonicNow
    meters.highWater.raise(to: UInt64(gate.ring.depth))
    var batch = ChannelMeters.Batch()
    var items = 0
    var handingOverNanos: Int64 = 0
    // Records of one read carry one time of receipt: their wait is recorded once, with their number.
    var receivedTime = UnixNanos(0)
    var sameTime = 0
    for offset in 0..<count {
      let record = record(offset)
      guard record.kind == .item else {
        hand(on: record.marker)
        continue
      }
      batch.items &+= 1
      if record.receivedTime != receivedTime {
        recordWait(jump.elapsed(from: receivedTime, to: pickedUp), count: sameTime)
        receivedTime = record.receivedTime
        sameTime = 0
      }
      sameTime &+= 1
      let outcome = engine.take(
        record.item, profile: Int(record.profile), lastPrices: lastPrices, events: &events)
      if !outcome.isEmpty { note(outcome, of: record.slot, in: &batch) }
      if !events.isEmpty {
        batch.events &+= events.count
        handOnEvents(of: record, detected: pickedUp)
      }
      if outputs.count >= Self.outputRunMax {
        // A marker may be among them: its items are counted before it leaves.
        meters.add(batch)
        meters.symbols.set(UInt64(engine.symbolCount))
        items &+= batch.items
        batch = ChannelMeters.Batch()
        handingOverNanos &+= timedFlush()
      }
    }
    recordWait(jump.elapsed(from: receivedTime, to: pickedUp), count: sameTime)
    items &+= batch.items
    if items > 0 {
      // Before the flush: a batch that waits for a busy sequencer would be judged slow, and the breaker would close a healthy channel.
      let end = clock.monotonicNow
      let elapsed = end.nanoseconds &- start.nanoseconds &- handingOverNanos &+ slowedNanos
      slowedNanos = 0
      meters.batches.add(1)
      meters.processingLatency.record(elapsed / Int64(items), count: items)
      finished = (items, elapsed, end)
    }
    // Counted before the flush hands the markers on: a client that has its acknowledgement finds its items in the metrics.
    meters.add(batch)
    meters.symbols.set(UInt64(engine.symbolCount))
    flush()
    // releasing, pairs with `progress`: the events up to this time are with the sequencer.
    channel.core.passed.store(engine.watermark.nanoseconds, ordering: .releasing)
  }

  @inline(never)
  private mutating func note(_ outcome: ItemOutcome, of slot: StreamSlot, in batch: inout ChannelMeters.Batch) {
    if outcome.contains(.late) { batch.late &+= 1 }
    if outcome.contains(.quarantined) { batch.quarantined &+= 1 }
    if outcome.contains(.outOfSession) { batch.outOfSession &+= 1 }
    if outcome.contains(.stale) { batch.stale &+= 1 }
    if outcome.contains(.unsure) { batch.lowConfidence &+= 1 }
    guard outcome != .lookedAt else { return }
    withTally(of: slot) { tally in
      if outcome.contains(.late) { tally.late &+= 1 }
      if outcome.contains(.quarantined) { tally.quarantined &+= 1 }
      if outcome.contains(.outOfSession) { tally.outOfSession &+= 1 }
    }
  }

  private func recordWait(_ nanoseconds: Int64, count: Int) {
    guard count > 0 else { return }
    channel.core.meters.queueLatency.record(nanoseconds, count: count)
  }

  private mutating func handOnEvents(of record: ItemRecord<Engine.Item>, detected: UnixNanos) {
    for index in events.indices {
      events[index].receivedTime = record.receivedTime
      events[index].detectedTime = max(detected, record.receivedTime)
      events[index].configVersion = versions[Int(record.profile)]
      events[index].channel = UInt32(channel.core.number)
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

  mutating func withTally(of slot: StreamSlot, _ body: (inout ItemTally) -> Void) {
    let index = Int(slot.index)
    while tallies.count <= index { tallies.append(ItemTally()) }
    body(&tallies[index])
  }

  private func append(_ input: SequencerInput) { outputs.append(input) }

  /// Waits while the sequencer is behind: events and markers are never dropped.
  private func flush() {
    guard !outputs.isEmpty else { return }
    outputs.withRun { run in _ = context.output.pushWaiting(contentsOf: run) }
    outputs.removeAll()
  }

  /// A flush in the midst of a batch; returns how long it took, which is no time of the batch's items.
  private func timedFlush() -> Int64 {
    let start = clock.monotonicNow
    flush()
    return clock.monotonicNow.nanoseconds &- start.nanoseconds
  }

  // MARK: - Between two batches

  func snapshot(of symbol: SymbolID) -> SymbolSnapshot? { engine.snapshot(of: symbol) }

  mutating func reset(_ symbols: some Sequence<SymbolID>) {
    for symbol in symbols { engine.reset(symbol, lastPrices: context.lastPrices) }
  }

  mutating func takeSettings() {
    let settings = channel.core.settings
    sizer = settings.sizer
    idle = settings.idle
    breaker.change(settings.breaker)
    let profiles = context.router.profiles
    if profiles.map(\.configVersion) != versions {
      engine.use(profiles)
      versions = profiles.map(\.configVersion)
    }
  }

  /// Closes the ring. The worker processes what it holds, also if it is paused, then ends.
  mutating func finish() {
    isEnding = true
    restsUntil = nil
    injector = nil
    gate.ring.close()
  }
}
