internal import Detection
internal import Events
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
  var input: ChannelInput<Engine.Item>
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

  init(channel: ItemChannel<Engine>, input: ChannelInput<Engine.Item>, context: WorkerContext) {
    self.channel = channel
    self.input = input
    self.context = context
    clock = channel.control.clock
    let profiles = context.router.profiles
    engine = Engine(channelProfiles: profiles)
    versions = profiles.map(\.configVersion)
    let settings = channel.control.settings
    sizer = settings.sizer
    idle = settings.idle
    breaker = CircuitBreaker(settings.breaker, since: clock.monotonicNow)
    let injector = FaultInjector(context.faults, channel: channel.control.name)
    self.injector = injector.isSpent ? nil : injector
    events.reserveCapacity(64)
  }

  /// A worker's whole life, on its thread.
  static func run(_ channel: ItemChannel<Engine>, _ input: ChannelInput<Engine.Item>, _ context: WorkerContext) {
    var worker = Self(channel: channel, input: input, context: context)
    worker.run()
  }

  private mutating func run() {
    let control = channel.control
    while !hasEnded {
      // The ring before the mailbox: a record that is seen here was pushed after the transfer that it may need was posted.
      let entrance = input
      let ready = entrance.ring.poll(upTo: sizer.limit)
      if runMailbox(withJob: isJobsTurn) {
        isJobsTurn = false
        continue
      }
      isJobsTurn = true
      if isHeld() {
        // A pause ends by a call, which wakes the worker; a rest and an open breaker end by the clock.
        let isPaused = control.isHeld
        let nanos = isPaused && restsUntil == nil && breaker.state == .closed ? Self.idleNanos : Self.heldNanos
        control.parker.park(atMost: nanos) { channel.mailbox.isUrgent || (isPaused && !control.isHeld) }
        continue
      }
      // The breaker may have moved everything.
      guard input === entrance else { continue }
      if backlogStart < backlog.count {
        processBacklog()
        continue
      }
      let count: Int
      switch sizer.decide(ready: ready, isEnding: isEnding, now: { clock.monotonicNow }) {
      case .take(let taken): count = taken
      case .wait(let atLeast, let nanos):
        input.queue.await(atLeast: atLeast, atMost: nanos, as: idle, or: { channel.mailbox.isUrgent })
        continue
      }
      sizer.took(count)
      if count > 0 {
        processRing(count)
        if control.isAwaited, input.ring.depth * 2 <= input.ring.capacity, !input.isOverflowing {
          control.wakeWaiters()
        }
      } else if input.isOverflowing {
        takeOverflow()
      } else if isEnding, input.ring.isDrained {
        hasEnded = channel.mailbox.closeIfEmpty()
      } else {
        if control.isAwaited { control.wakeWaiters() }
        awaitInput()
      }
    }
    while runMailbox(withJob: true) {}
    control.observe(nil)
    control.wakeWaiters()
  }

  private mutating func awaitInput() {
    if let nanos = sizer.pause(now: { clock.monotonicNow }) {
      input.queue.await(atLeast: sizer.limit, atMost: nanos, as: idle, or: { channel.mailbox.isUrgent })
    } else {
      // A breaker that is not closed changes by time, at the next look.
      let nanos = breaker.state == .closed ? Self.idleNanos : Self.watchfulNanos
      input.queue.await(atMost: nanos, as: idle, or: { channel.mailbox.isUrgent })
    }
  }

  /// - Returns: whether there was anything.
  private mutating func runMailbox(withJob: Bool) -> Bool {
    let (transfers, job) = channel.mailbox.take(withJob: withJob)
    for transfer in transfers { adopt(transfer) }
    job?(&self)
    return !transfers.isEmpty || job != nil
  }

  // MARK: - Batches

  private mutating func processRing(_ ready: Int) {
    guard injector == nil else { return processRingUnderFaults(ready) }
    let input = input
    process(ready) { input.ring.element(at: $0) }
    input.ring.advance(by: ready)
    judgeBatch()
  }

  private mutating func judgeBatch() {
    guard let (items, elapsedNanos, end) = finished else { return }
    finished = nil
    if !isMoving { succeed(items: items, elapsedNanos: elapsedNanos, at: end) }
  }

  @inline(never)
  private mutating func processRingUnderFaults(_ ready: Int) {
    let input = input
    let (clear, fails) = strike(upTo: ready) { input.ring.element(at: $0).kind == .item }
    if clear > 0 {
      process(clear) { input.ring.element(at: $0) }
      input.ring.advance(by: clear)
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
      channel.control.hasBacklog.store(false, ordering: .releasing)
    }
    judgeBatch()
    if fails { fail() }
  }

  mutating func processWholeBacklog() {
    while backlogStart < backlog.count { processBacklog() }
  }

  private mutating func takeOverflow() {
    // Set `hasBacklog` before the input's flag is cleared: in between, the channel could look empty, and the watermark pass these records.
    channel.control.hasBacklog.store(true, ordering: .releasing)
    guard let (records, dropped) = input.takeOverflow() else {
      return channel.control.hasBacklog.store(false, ordering: .releasing)
    }
    // A transfer may have come since the last look at the mailbox; it belongs before records that came to lie beside the ring after it.
    for transfer in channel.mailbox.takeTransfers() { adopt(transfer) }
    add(dropped)
    append(records)
  }

  mutating func append(_ records: [ItemRecord<Engine.Item>]) {
    if backlogStart > 0 {
      backlog.removeFirst(backlogStart)
      backlogStart = 0
    }
    backlog += records
    channel.control.hasBacklog.store(!backlog.isEmpty, ordering: .releasing)
  }

  mutating func add(_ dropped: [StreamSlot: UInt64]) {
    for (slot, count) in dropped { withTally(of: slot) { $0.dropped &+= count } }
  }

  /// Runs the detectors over the first `count` records and hands events and markers to the sequencer.
  @inline(__always)
  private mutating func process(_ count: Int, _ record: (Int) -> ItemRecord<Engine.Item>) {
    let meters = channel.control.meters
    let lastPrices = context.lastPrices
    let pickedUp = clock.unixNow
    let jump = clock.lastJump
    let start = clock.monotonicNow
    meters.highWater.raise(to: UInt64(input.ring.depth))
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
      if outcome.isCounted { note(outcome, of: record.slot, in: &batch) }
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
    channel.control.passed.store(engine.watermark.nanoseconds, ordering: .releasing)
  }

  @inline(never)
  private mutating func note(_ outcome: ItemOutcome, of slot: StreamSlot, in batch: inout ChannelMeters.Batch) {
    if outcome.contains(.late) { batch.late &+= 1 }
    if outcome.contains(.quarantined) { batch.quarantined &+= 1 }
    if outcome.contains(.outOfSession) { batch.outOfSession &+= 1 }
    if outcome.contains(.revised) { batch.revised &+= 1 }
    if outcome.contains(.stale) { batch.stale &+= 1 }
    if outcome.contains(.unsure) { batch.lowConfidence &+= 1 }
    withTally(of: slot) { tally in
      if outcome.contains(.late) { tally.late &+= 1 }
      if outcome.contains(.quarantined) { tally.quarantined &+= 1 }
      if outcome.contains(.outOfSession) { tally.outOfSession &+= 1 }
    }
  }

  private func recordWait(_ nanoseconds: Int64, count: Int) {
    guard count > 0 else { return }
    channel.control.meters.queueLatency.record(nanoseconds, count: count)
  }

  private mutating func handOnEvents(of record: ItemRecord<Engine.Item>, detected: UnixNanos) {
    for index in events.indices {
      events[index].receivedTime = record.receivedTime
      events[index].detectedTime = max(detected, record.receivedTime)
      events[index].configVersion = versions[Int(record.profile)]
      events[index].channel = UInt32(channel.control.number)
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
    let settings = channel.control.settings
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
    input.ring.close()
  }
}
