package import Detection
package import LockFree
package import MarketData
internal import Synchronization

/// What a channel is made of.
package struct TickChannelConfiguration: Sendable {
  package var name: String
  /// Items; a power of two.
  package var ringCapacity: Int
  package var batching: BatchingStrategy
  package var maxBatch: Int
  /// How long an item waits for its batch to fill, at most; of the strategies `size` and `time`.
  package var maxWaitNanos: Int64
  package var idle: IdleStrategy

  package init(
    name: String, ringCapacity: Int = 65_536, batching: BatchingStrategy = .adaptive, maxBatch: Int = 1_024,
    maxWaitNanos: Int64 = 500_000,
    idle: IdleStrategy = .park
  ) {
    self.name = name
    self.ringCapacity = ringCapacity
    self.batching = batching
    self.maxBatch = maxBatch
    self.maxWaitNanos = maxWaitNanos
    self.idle = idle
  }
}

/// A processing channel for ticks: a ring, a worker thread, the detectors' state, and the way of events and markers to the sequencer.
///
/// Everything here may be called from any thread; what the worker owns lies in `TickWorker`. Nothing that got into the ring is lost: `stop()`
/// closes the ring and waits until the worker has finished what was in it.
package final class TickChannel: Sendable {
  package let configuration: TickChannelConfiguration
  package let index: Int
  let queue: ManyToOneQueue<TickRecord>
  let meters = ChannelMeters()
  /// The newest event time that the worker has passed; events up to it are with the sequencer.
  let passed = Atomic<Int64>(0)
  let inbox = WorkerInbox()
  private let clock: any Clock
  private let lifecycle: Guarded<ChannelLifecycle>
  /// What `lifecycle` says, for the worker to read at each batch.
  private let pausedFlag = Atomic<Bool>(false)
  private let rate = Guarded(ItemRate())
  private let thread = Guarded<NamedThread?>(nil)

  package init(configuration: TickChannelConfiguration, index: Int, clock: any Clock) {
    self.configuration = configuration
    self.index = index
    self.clock = clock
    lifecycle = Guarded(ChannelLifecycle(since: clock.unixNow))
    queue = ManyToOneQueue(capacity: configuration.ringCapacity, idle: configuration.idle)
  }

  package var name: String { configuration.name }

  /// Starts the worker.
  package func start(profiles: [TickProfile], output: ManyToOneQueue<SequencerInput>) {
    thread.withLock { thread in
      guard thread == nil else { return }
      let clock = clock
      thread = NamedThread(name) {
        var worker = TickWorker(channel: self, profiles: profiles, output: output, clock: clock)
        worker.run()
      }
    }
  }

  /// From the next batch on nothing is processed; input is taken until the ring is full.
  package func pause() throws(IllegalChange) { try change(.pause) }

  package func resume() throws(IllegalChange) { try change(.resume) }

  private func change(_ wish: ChannelLifecycle.Wish) throws(IllegalChange) {
    let now = clock.unixNow
    let refusing = lifecycle.withLock { lifecycle -> ChannelState? in
      guard lifecycle.change(wish, at: now) else { return lifecycle.state }
      pausedFlag.store(lifecycle.state == .paused, ordering: .releasing)
      return nil
    }
    if let refusing { throw IllegalChange(channel: name, state: refusing, wish: wish) }
    queue.parker.unpark()
  }

  /// Worker only: what is closed is finished, paused or not.
  var isPaused: Bool { pausedFlag.load(ordering: .acquiring) && !queue.ring.isClosed }

  /// Ends the worker after it has processed everything in the ring; blocks until then. A paused channel runs on for it.
  package func stop() {
    // Stopped twice is stopped.
    try? change(.stop)
    queue.close()
    let thread = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    thread?.join()
  }

  // MARK: - Producers

  /// Pushes as much of a run as there is room for; a marker may be its last record.
  func push(_ run: Span<TickRecord>) -> Int {
    let count = queue.push(contentsOf: run)
    guard count > 0 else { return 0 }
    var items = count
    if run[count - 1].kind == .marker { items -= 1 }
    meters.received.wrappingAdd(UInt64(items), ordering: .relaxed)
    return count
  }

  /// Calls `wake` once, soon, when less than half of the ring is in use; at once when that is so already.
  package func notifyBelowHalf(_ wake: @escaping @Sendable () -> Void) {
    inbox.wait(for: wake)
    // The worker may have emptied the ring before it could see the waiter.
    if queue.ring.depth * 2 <= queue.ring.capacity { inbox.wakeWaiters() }
  }

  // MARK: - Anyone

  /// Has the worker tell what these symbols' detectors stand at, between two batches. Empty after `stop()`.
  package func snapshots(of symbols: [SymbolID], _ reply: @escaping @Sendable ([SymbolSnapshot]) -> Void) {
    let taken = inbox.ask { engine in reply(symbols.compactMap { engine.snapshot(of: $0) }) }
    if taken { queue.parker.unpark() } else { reply([]) }
  }

  /// The newest event time that this channel has passed, and whether items wait behind it.
  package var progress: (passed: UnixNanos, isEmpty: Bool) {
    // The depth first: what is pushed after it has been read can only be newer.
    let isEmpty = queue.ring.depth == 0
    return (UnixNanos(passed.load(ordering: .acquiring)), isEmpty)
  }

  package func metrics() -> ChannelMetricsSnapshot {
    var snapshot = ChannelMetricsSnapshot()
    snapshot.channel = name
    snapshot.type = .tick
    // What is done before what came in, so that the sum never exceeds `received`.
    snapshot.processed = meters.processed.count
    snapshot.late = meters.late.count
    snapshot.quarantined = meters.quarantined.count
    snapshot.outOfSession = meters.outOfSession.count
    snapshot.events = meters.events.count
    snapshot.batches = meters.batches.count
    snapshot.received = meters.received.load(ordering: .relaxed)
    snapshot.ringCapacity = UInt64(queue.ring.capacity)
    snapshot.ringDepth = UInt64(queue.ring.depth)
    snapshot.ringHighWater = max(meters.highWater.count, snapshot.ringDepth)
    let done = snapshot.processed + snapshot.late
    snapshot.meanBatch = snapshot.batches > 0 ? Double(done) / Double(snapshot.batches) : 0
    snapshot.itemsPerSecond = rate.withLock { rate in
      rate.look(at: done, nowNanos: clock.monotonicNow.nanoseconds)
      return rate.perSecond
    }
    snapshot.queueLatency = meters.queueLatency.summary
    snapshot.processingLatency = meters.processingLatency.summary
    snapshot.symbols = meters.symbols.count
    let lifecycle = lifecycle.withLock { $0 }
    snapshot.state = lifecycle.state
    snapshot.stateSinceNanos = lifecycle.since.nanoseconds
    return snapshot
  }
}
