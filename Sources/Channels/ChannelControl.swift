internal import LockFree
package import MarketData
internal import Synchronization

/// The part of a channel that does not depend on its kind: name, settings, state, counters, and the streams that wait for room. Any thread.
package final class ChannelControl: Sendable {
  /// Of the channel's name, for the life of the server.
  package let number: Int
  package let name: String
  package let type: ChannelType
  let clock: any Clock
  let meters = ChannelMeters()
  let parker = Parker()
  /// The newest event time that the worker has passed; events up to it are with the sequencer.
  let passed = Atomic<Int64>(0)
  /// Whether work lies with the worker, beside the ring.
  let hasBacklog = Atomic<Bool>(false)
  /// Transfers that the worker has not taken yet.
  let transfers = Atomic<Int>(0)
  /// Symbols in them: they are this channel's from the moment that they were sent.
  let arriving = Atomic<Int>(0)
  /// Whether a worker is there to take transfers. Changed by a move, or while none is under way: a transfer to a channel without a worker would be
  /// lost.
  let hasWorker = Atomic<Bool>(false)
  /// Whether a sibling could take this channel's symbols: kept by the router.
  let mayOpen = Atomic<Bool>(false)

  private let content: Guarded<Content>
  private let waiters = Guarded<[@Sendable () -> Void]>([])
  private let hasWaiters = Atomic<Bool>(false)
  private let policyNumber: Atomic<UInt8>
  /// Its worker has been told to end, not by a move: whoever waits for room waits in vain.
  let hasStopped = Atomic<Bool>(false)
  /// Whether the state is PAUSED: an atomic copy, so that the worker takes no mutex at each batch.
  private let holds = Atomic<Bool>(false)
  private let input = Guarded(CurrentInput())
  private let rate = Guarded(ItemRate())

  /// How full an input is.
  struct Fill: Sendable {
    var depth = 0
    /// Less than half full, or closed for good.
    var isRoomy = true
    var isOverflowing = false
  }

  private struct CurrentInput: Sendable {
    weak var input: (any FillGauge)?
  }

  struct Content: Sendable {
    var settings: ChannelSettings
    var lifecycle: ChannelLifecycle
    var version: UInt32 = 1
    var breaker = BreakerState.closed
    var isForced = false
    var errorRate = 0.0
    var health = Health.healthy
    var reasons: [String] = []
    var isRestarting = false
  }

  init(number: Int, settings: ChannelSettings, clock: any Clock) {
    self.number = number
    name = settings.name
    type = settings.type
    self.clock = clock
    content = Guarded(Content(settings: settings, lifecycle: ChannelLifecycle(since: clock.unixNow)))
    policyNumber = Atomic(settings.overflow.number)
  }

  package var settings: ChannelSettings { content.withLock { $0.settings } }
  package var configVersion: UInt32 { content.withLock { $0.version } }
  package var state: ChannelState { content.withLock { $0.lifecycle.state } }
  package var breaker: BreakerState { content.withLock { $0.breaker } }
  package var health: Health { content.withLock { $0.health } }

  func read<R>(_ body: (Content) -> R) -> R { content.withLock { body($0) } }
  func update<R>(_ body: (inout Content) -> R) -> R { content.withLock { body(&$0) } }

  var policy: OverflowPolicy { OverflowPolicy(number: policyNumber.load(ordering: .relaxed)) }

  /// Replaces the settings; the worker takes them between two batches.
  func use(_ settings: ChannelSettings) {
    update {
      $0.settings = settings
      $0.version += 1
    }
    policyNumber.store(settings.overflow.number, ordering: .relaxed)
  }

  // MARK: - State

  func change(_ request: ChannelLifecycle.Request) throws(IllegalChange) {
    let now = clock.unixNow
    let refusing = update { content -> ChannelState? in
      guard content.lifecycle.change(request, at: now) else { return content.lifecycle.state }
      holds.store(content.lifecycle.state == .paused, ordering: .releasing)
      return nil
    }
    if let refusing { throw IllegalChange(channel: name, state: refusing, request: request) }
    parker.unpark()
  }

  /// Back to the state before a drain that cannot be done.
  func cancelDrain() {
    update { content in
      guard content.lifecycle.cancelDrain() else { return }
      holds.store(content.lifecycle.state == .paused, ordering: .releasing)
    }
  }

  /// Worker only: whether it processes nothing for now.
  var isHeld: Bool { holds.load(ordering: .acquiring) }

  // MARK: - Who waits for room

  /// Sets the input that tells how full the channel is; nil = the channel has none, and waiting streams look for their symbols elsewhere.
  func observe(_ input: (any FillGauge)?) { self.input.withLock { $0.input = input } }

  private var fill: Fill { input.withLock { $0.input }?.fill ?? Fill() }

  package var depth: Int { fill.depth }

  /// Calls `wake` once, soon, when there is room, or where the records belong elsewhere; at once when that is so already.
  package func notifyOfRoom(_ wake: @escaping @Sendable () -> Void) {
    waiters.withLock { waiters in
      waiters.append(wake)
      hasWaiters.store(true, ordering: .sequentiallyConsistent)
    }
    // Pairs with the worker's fence after it has handed slots back: either it sees the waiter, or the caller sees the room.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    if fill.isRoomy, !hasStopped.load(ordering: .acquiring) { wakeWaiters() }
  }

  /// Whether somebody waits for room; a full fence stands before the look.
  var isAwaited: Bool {
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    return hasWaiters.load(ordering: .relaxed)
  }

  func wakeWaiters() {
    let woken = waiters.withLock { waiters in
      defer { waiters.removeAll() }
      hasWaiters.store(false, ordering: .sequentiallyConsistent)
      return waiters
    }
    for wake in woken { wake() }
  }

  // MARK: - Metrics

  /// The newest event time that this channel has passed, and whether items wait behind it.
  package var progress: (passed: UnixNanos, isEmpty: Bool) {
    // Read the depth first: items pushed after that arrived later, and the watermark need not know them.
    let fill = fill
    let isEmpty =
      fill.depth == 0 && !fill.isOverflowing && transfers.load(ordering: .acquiring) == 0
      && !hasBacklog.load(ordering: .acquiring)
    return (UnixNanos(passed.load(ordering: .acquiring)), isEmpty)
  }

  /// What a look at the channel's health needs to know, without its latencies.
  var facts: ChannelHealthJudge.Facts {
    var facts = ChannelHealthJudge.Facts()
    facts.depth = depth
    facts.processed = meters.processed.count + meters.late.count
    read { content in
      facts.state = content.isRestarting ? .starting : content.lifecycle.state
      facts.breaker = content.breaker
      facts.isRestarting = content.isRestarting
      facts.isForced = content.isForced
      facts.failureRate = content.errorRate
      facts.capacity = content.settings.ringCapacity
    }
    return facts
  }

  package func metrics() -> ChannelMetricsSnapshot {
    var snapshot = ChannelMetricsSnapshot()
    snapshot.channel = name
    snapshot.type = type
    // Read what was processed before what was received; otherwise the parts could exceed their sum.
    meters.read(into: &snapshot)
    snapshot.received = meters.received.load(ordering: .relaxed)
    snapshot.symbols += UInt64(max(0, arriving.load(ordering: .acquiring)))
    snapshot.ringDepth = UInt64(depth)
    snapshot.ringHighWater = max(meters.highWater.count, snapshot.ringDepth)
    let done = snapshot.processed + snapshot.late
    snapshot.meanBatch = snapshot.batches > 0 ? Double(done) / Double(snapshot.batches) : 0
    snapshot.itemsPerSecond = rate.withLock { rate in
      rate.look(at: done, nowNanos: clock.monotonicNow.nanoseconds)
      return rate.perSecond
    }
    let content = content.withLock { $0 }
    snapshot.ringCapacity = UInt64(content.settings.ringCapacity)
    snapshot.state = content.isRestarting ? .starting : content.lifecycle.state
    snapshot.stateSinceNanos = content.lifecycle.since.nanoseconds
    snapshot.breaker = content.breaker
    snapshot.health = content.health
    snapshot.healthReasons = content.reasons
    snapshot.errorRate = content.errorRate
    snapshot.configVersion = content.version
    return snapshot
  }
}

/// Tells how full a channel is: an input, without its item type.
protocol FillGauge: AnyObject, Sendable {
  var fill: ChannelControl.Fill { get }
}

extension OverflowPolicy {
  fileprivate var number: UInt8 { UInt8(Self.allCases.firstIndex(of: self) ?? 0) }

  fileprivate init(number: UInt8) {
    self = Self.allCases.indices.contains(Int(number)) ? Self.allCases[Int(number)] : .block
  }
}
