package import Detection
package import Events
package import LockFree
package import MarketData
internal import Synchronization

/// The channels of a server, the registry that places symbols on them, and the one lock under which symbols move.
package final class ChannelRouter: Sendable {
  private struct Content: Sendable {
    var channels: [any AnyChannel] = []
    var profiles: [Profile]
    /// How often the profiles have been replaced.
    var profilesGeneration: UInt64 = 0
    var context: WorkerContext?
    var failures: [String: UInt64] = [:]
    /// Items received by channels that were deleted: without them `routed` would fall at a deletion.
    var routedToRemoved: UInt64 = 0
  }

  package let registry: SymbolRegistry
  /// Channel names by number.
  package let names = NameTable(capacity: Int(UInt16.max))
  package let lastPrices: LastPriceTable
  package let ticks = ChannelSet<TickEngine>()
  package let bars = ChannelSet<BarEngine>()
  package let fairValues = ChannelSet<FairValueEngine>()
  private let clock: any Clock
  private let content: Guarded<Content>
  private let healthWatch = HealthWatch()
  private let recent = RecentWatermark()
  private let moves = Guarded(0)
  /// Odd while symbols move.
  private let moveSteps = Atomic<UInt64>(0)
  private static let resetsMax = 8
  private let stopping = Atomic<Bool>(false)
  private let onBreaker: @Sendable (ChannelControl, CircuitBreaker.Transition) -> Void

  package init(
    channels: [ChannelSettings], profiles: [Profile], symbols: SymbolTable, routing: [ChannelType: RoutingRule] = [:],
    clock: any Clock, onBreaker: @escaping @Sendable (ChannelControl, CircuitBreaker.Transition) -> Void = { _, _ in }
  ) {
    self.clock = clock
    self.onBreaker = onBreaker
    registry = SymbolRegistry(symbols: symbols, profiles: profiles, routing: routing)
    lastPrices = LastPriceTable(symbols: symbols.capacity)
    content = Guarded(Content(profiles: profiles))
    for settings in channels { _ = make(settings) }
    topologyChanged()
  }

  package func start(output: ManyToOneQueue<SequencerInput>, faults: FaultPlan = FaultPlan()) {
    let context = WorkerContext(router: self, output: output, lastPrices: lastPrices, faults: faults)
    content.withLock { $0.context = context }
    for channel in channels { channel.start(in: context) }
    moved()
  }

  package var channels: [any AnyChannel] { content.withLock { $0.channels } }
  package var profiles: [Profile] { content.withLock { $0.profiles } }
  var isStopping: Bool { stopping.load(ordering: .relaxed) }

  package func channel(named name: String) -> (any AnyChannel)? { channels.first { $0.control.name == name } }

  /// Resumes paused channels and closes breakers that were forced open, so that a drain processes their waiting items too.
  package func resumeAll() {
    for channel in channels {
      // Those that are not paused refuse, and run anyway.
      try? channel.control.change(.resume)
      if channel.control.breaker == .open { channel.force(.reset) {} }
    }
  }

  /// Ends every worker after it has finished what is in its ring.
  package func stop() {
    stopping.store(true, ordering: .relaxed)
    // A move under way ends first; later ones find nobody to go to.
    moves.withLock { $0 += 1 }
    for channel in channels { channel.stop() }
  }

  /// The newest event time that all channels have passed; a channel with nothing queued holds nothing back. 0 before any input, and while
  /// symbols move, because records under way between two channels are in no channel's count.
  package var watermark: UnixNanos {
    let before = moveSteps.load(ordering: .acquiring)
    guard before.isMultiple(of: 2) else { return UnixNanos(0) }
    let progress = channels.map(\.control.progress)
    guard moveSteps.load(ordering: .acquiring) == before else { return UnixNanos(0) }
    let newest = progress.map(\.passed).max() ?? UnixNanos(0)
    return progress.filter { !$0.isEmpty }.map(\.passed).min() ?? newest
  }

  /// The watermark, at most 20 ms old, for the sequencer, which asks at every step. An old watermark still holds: it can only be too low.
  package var recentWatermark: UnixNanos { recent.read(at: clock.monotonicNow) { watermark } }

  // MARK: - Creating and deleting

  private func make(_ settings: ChannelSettings) -> (any AnyChannel)? {
    guard let number = names.number(adding: settings.name) else { return nil }
    let control = ChannelControl(number: Int(number), settings: settings, clock: clock)
    let channel: any AnyChannel
    switch settings.type {
    case .tick: channel = add(control, to: ticks) { ChannelWorker<TickEngine>.run($0, $1, $2) }
    case .bar: channel = add(control, to: bars) { ChannelWorker<BarEngine>.run($0, $1, $2) }
    case .fairMarketValue: channel = add(control, to: fairValues) { ChannelWorker<FairValueEngine>.run($0, $1, $2) }
    }
    registry.add(control)
    content.withLock { $0.channels.append(channel) }
    return channel
  }

  private func add<Engine>(
    _ control: ChannelControl, to set: ChannelSet<Engine>, work: @escaping ItemChannel<Engine>.Work
  ) -> any AnyChannel {
    let channel = ItemChannel(control: control, siblings: set, work: work)
    set.add(channel)
    return channel
  }

  /// A new channel, running.
  /// - Returns: nil where the name is taken, or all channel numbers are.
  package func create(_ settings: ChannelSettings) -> (any AnyChannel)? {
    moving {
      guard !isStopping, channel(named: settings.name) == nil, let channel = make(settings) else { return nil }
      if let context = content.withLock({ $0.context }) { channel.start(in: context) }
      moved()
      return channel
    }
  }

  /// Takes a channel that has stopped or failed off the list.
  package func remove(_ channel: any AnyChannel) {
    moving {
      channel.stop()
      registry.remove(channel.control)
      ticks.remove(channel.control.number)
      bars.remove(channel.control.number)
      fairValues.remove(channel.control.number)
      content.withLock { content in
        content.channels.removeAll { $0 === channel }
        content.routedToRemoved &+= channel.control.metrics().received
      }
      healthWatch.forget(channel.control.number)
      moved()
    }
  }

  package func change(_ request: ChannelLifecycle.Request, of channel: any AnyChannel) throws(IllegalChange) {
    try channel.control.change(request)
    topologyChanged()
  }

  /// Runs a stopped or failed channel again.
  package func restart(_ channel: any AnyChannel) throws(IllegalChange) {
    let state = channel.control.state
    guard state == .stopped || state == .failed else {
      throw IllegalChange(channel: channel.control.name, state: state, request: .start)
    }
    // The old worker has handed over everything and is ending; wait for its thread.
    channel.stop()
    // No move may run in between: once the state is RUNNING others may hand symbols over, and the worker must be there to take them.
    let refusal = moving { () -> IllegalChange? in
      do throws(IllegalChange) {
        if isStopping { throw IllegalChange(channel: channel.control.name, state: state, request: .start) }
        try channel.control.change(.start)
      } catch {
        return error
      }
      channel.control.update { $0.breaker = .closed }
      if let context = content.withLock({ $0.context }) { channel.start(in: context) }
      moved()
      return nil
    }
    if let refusal { throw refusal }
  }

  // MARK: - Moves

  /// Runs a move while no other move runs. Two at once could hand symbols to a channel that is giving all of its own away.
  func moving<R>(_ body: () -> R) -> R {
    moves.withLock { _ in
      moveSteps.wrappingAdd(1, ordering: .acquiringAndReleasing)
      defer { moveSteps.wrappingAdd(1, ordering: .acquiringAndReleasing) }
      return body()
    }
  }

  /// Inputs and places are changed: event loops look at them anew.
  func moved() {
    registry.stepEpoch()
    topologyChanged()
  }

  /// Tells every channel whether it could leave its symbols to a sibling.
  func topologyChanged() {
    for channel in channels {
      let may = !isStopping && registry.sibling(of: channel.control) != nil
      channel.control.mayOpen.store(may, ordering: .relaxed)
    }
  }

  func accepts(_ number: Int) -> Bool {
    !isStopping && channels.contains { $0.control.number == number && $0.control.isWell }
  }

  /// Moves symbols to where the strategy would place them now.
  /// - Parameter done: called with how many have moved, on a worker's thread or the caller's.
  package func rebalance(_ type: ChannelType, _ done: @escaping @Sendable (Int) -> Void) {
    let plan = registry.rebalancing(type)
    let givers = channels.filter { plan[$0.control.number] != nil }
    guard !givers.isEmpty else { return done(0) }
    let open = Guarded((left: givers.count, moved: 0))
    for giver in givers {
      giver.give(plan[giver.control.number] ?? [:]) { count in
        let result = open.withLock { open in
          open.left -= 1
          open.moved += count
          return open
        }
        if result.left == 0 { done(result.moved) }
      }
    }
  }

  // MARK: - Settings

  /// Replaces a channel's settings; taken between two batches.
  package func use(_ settings: ChannelSettings, for channel: any AnyChannel, _ done: @escaping @Sendable () -> Void) {
    channel.control.use(settings)
    channel.settingsChanged(done)
  }

  /// Has every channel forget these symbols' states.
  /// - Parameter done: called with how many symbols were placed anywhere.
  package func reset(_ symbols: [SymbolID], _ done: @escaping @Sendable (Int) -> Void) {
    guard !symbols.isEmpty else { return done(0) }
    reset(symbols, again: Self.resetsMax, done)
  }

  /// A state under way between two channels is found in neither of them. If anything moved meanwhile, reset again.
  private func reset(_ symbols: [SymbolID], again: Int, _ done: @escaping @Sendable (Int) -> Void) {
    let before = moveSteps.load(ordering: .acquiring)
    let finish: @Sendable () -> Void = { [self] in
      let hasMoved = !before.isMultiple(of: 2) || moveSteps.load(ordering: .acquiring) != before
      if hasMoved, again > 0 { reset(symbols, again: again - 1, done) } else { done(symbols.count) }
    }
    tellAll(finish) { $0.reset(symbols, $1) }
  }

  /// Replaces the profiles' settings; as many as before, in the same order, or more.
  package func use(_ profiles: [Profile], _ done: @escaping @Sendable () -> Void) {
    let generation = content.withLock { content in
      content.profiles = profiles
      content.profilesGeneration += 1
      return content.profilesGeneration
    }
    // Workers first: a worker that got a symbol with a profile it does not know would index beyond its profiles.
    let finish: @Sendable () -> Void = { [registry] in
      registry.use(profiles, generation: generation)
      registry.stepEpoch()
      done()
    }
    tellAll(finish) { $0.settingsChanged($1) }
  }

  /// Has every channel do something, and goes on when all have.
  private func tellAll(
    _ done: @escaping @Sendable () -> Void, _ tell: (any AnyChannel, @escaping @Sendable () -> Void) -> Void
  ) {
    let channels = channels
    guard !channels.isEmpty else { return done() }
    let left = Guarded(channels.count)
    for channel in channels {
      tell(channel) {
        if left.withLock({ left in
          left -= 1
          return left == 0
        }) {
          done()
        }
      }
    }
  }

  // MARK: - Watching

  func tell(_ control: ChannelControl, _ transition: CircuitBreaker.Transition) { onBreaker(control, transition) }

  func countFailure(cause: String) { content.withLock { $0.failures[cause, default: 0] += 1 } }

  /// Judges every channel's health; the server does so ten times a second.
  package func judge(at time: MonotonicNanos) {
    for channel in channels { healthWatch.look(at: channel.control, time: time) }
  }

  /// All channels' metrics, and the router's over them and those that were removed.
  package func metrics() -> (channels: [ChannelMetricsSnapshot], router: RouterMetricsSnapshot) {
    let (present, removed) = content.withLock { ($0.channels, $0.routedToRemoved) }
    let channels = present.map { $0.control.metrics() }
    return (channels, routerMetrics(of: channels, removed: removed))
  }

  private func routerMetrics(of channels: [ChannelMetricsSnapshot], removed: UInt64) -> RouterMetricsSnapshot {
    let counts = registry.counts
    var snapshot = RouterMetricsSnapshot()
    snapshot.placements = counts.placements
    snapshot.moves = counts.moves
    snapshot.routed = removed
    for channel in channels {
      snapshot.routed += channel.received
      let symbols = names.number(of: channel.channel).flatMap { counts.symbols[Int($0)] } ?? 0
      snapshot.shares.append(
        RouterMetricsSnapshot.Share(channel: channel.channel, items: channel.received, symbols: symbols))
    }
    let failures = content.withLock { $0.failures }
    snapshot.failures = failures.values.reduce(0, +)
    snapshot.failuresByCause = failures.sorted { $0.key < $1.key }.map {
      RouterMetricsSnapshot.FailureCount(cause: $0.key, count: $0.value)
    }
    return snapshot
  }
}
