package import Channels
internal import Detection
internal import Events
internal import GRPC
internal import HTTP2
internal import LockFree
internal import Logging
package import MarketData
internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import Transport
package import WireCodec

/// A whole server in this process: channels, sequencer, event log, services and listener, composed from one configuration.
///
/// ```
///   let server = PenstockServer(configuration)
///   let port = try await server.start()
///   …
///   await server.shutdown()
/// ```
package final class PenstockServer: Sendable {
  package static let version = "0.1.0"

  package let configuration: ServerConfiguration
  private let clock: SteadyClock
  private let log: MemoryEventLog
  private let router: ChannelRouter
  private let queue: ManyToOneQueue<SequencerInput>
  private let sequencer: Sequencer<ProtobufEventEncoder>
  private let sequencerThread = Guarded<NamedThread?>(nil)
  private let watchThread = Guarded<NamedThread?>(nil)
  private let watchEnd = Ending()
  /// What strikes its channels, in drills.
  private let faults: FaultPlan
  private let group: MultiThreadedEventLoopGroup
  private let loops: Loops
  private let shared: SharedState
  private let transport: ServerTransport
  private let health = HealthRegistry(services: Services.names)

  /// - Parameter configuration: read by `ConfigurationReader`, or the default.
  package init(
    _ configuration: ServerConfiguration = ServerConfiguration(), clock: any Clock = SystemClock(),
    faults: FaultPlan = FaultPlan()
  ) {
    self.configuration = configuration
    self.faults = faults
    let clock = SteadyClock(clock)
    self.clock = clock
    let loopCount = configuration.eventLoops > 0 ? configuration.eventLoops : min(8, System.coreCount)
    group = MultiThreadedEventLoopGroup(numberOfThreads: loopCount)
    let loops = Loops(eventLoops: Array(group.makeIterator()))
    self.loops = loops
    let notices = NoticeBoard()
    notices.connect(loops)
    let router = ChannelRouter(
      channels: configuration.channels, profiles: configuration.profiles,
      symbols: SymbolTable(capacity: configuration.limits.maxSymbols), routing: configuration.routing.rules,
      clock: clock, onBreaker: { notices.tell($0, $1) })
    self.router = router
    let models = ModelTable(limit: configuration.limits.maxModels)
    let log = MemoryEventLog(
      keepEvents: configuration.eventLog.keepEvents, keepBytes: configuration.eventLog.keepBytes)
    self.log = log
    let queue = ManyToOneQueue<SequencerInput>(capacity: 16_384)
    self.queue = queue
    let sequencer = Sequencer(
      log: log, queue: queue,
      encoder: ProtobufEventEncoder(symbols: router.registry.symbols, channels: router.names, models: models),
      clock: clock, passed: { router.recentWatermark }, markersOut: { loops.post($0) }, wake: { loops.wakeFeeds() })
    self.sequencer = sequencer
    let pendingBytes = ByteBudget(
      limit: configuration.limits.pendingBytes, sharePercent: configuration.limits.sharePercent)
    let gauges = ServerGauges()
    let shared = SharedState(
      configuration: configuration, clock: clock, router: router, log: log, models: models, notices: notices,
      pendingBytes: pendingBytes, watermark: { sequencer.watermark }, metrics: { gauges.snapshot() })
    self.shared = shared
    let health = health
    let reflection = ReflectionService(
      descriptorSets: [DescriptorSet.penstock, ReflectionService.builtInDescriptorSet()])
    transport = ServerTransport(configuration: Self.transport(configuration, pendingBytes), group: group) {
      index, eventLoop in
      let context = loops.makeContext(index: index, eventLoop: eventLoop, shared: shared)
      let service = HealthService(registry: health)
      let mailbox = context.mailbox
      context.publishHealth = { service.publishChanges() }
      context.endHealthWatches = { service.endWatches(with: SharedState.draining) }
      health.observe { mailbox.post { $0.publishHealth() } }
      return LoopDispatcher(
        Services.table(loop: context, health: service, reflection: reflection), ingress: context.ingress)
    }
    shared.sessions.connect(loops: loops, transport: transport)
    gauges.connect(shared: shared, loops: loops, transport: transport)
  }

  private static func transport(
    _ configuration: ServerConfiguration, _ pendingBytes: ByteBudget
  ) -> ServerTransportConfiguration {
    var grpc = GRPCServerConfiguration()
    grpc.maxMessageBytes = configuration.limits.maxMessageBytes
    grpc.pendingBytes = pendingBytes
    grpc.idleMessageNanos = configuration.limits.idleMessageNanos
    grpc.http2.maxConcurrentStreams = configuration.limits.maxConcurrentStreams
    grpc.http2.maxHeaderListBytes = configuration.limits.maxHeaderListBytes
    if configuration.keepalive.intervalNanos > 0 {
      grpc.keepaliveIntervalNanos = configuration.keepalive.intervalNanos
      grpc.keepaliveTimeoutNanos = configuration.keepalive.timeoutNanos
    }
    return ServerTransportConfiguration(
      host: configuration.listen.host, port: configuration.listen.port,
      maxConnections: configuration.limits.maxConnections,
      maxConnectionsPerAddress: configuration.limits.maxConnectionsPerAddress, grpc: grpc)
  }

  /// Starts the threads and opens the listener; returns the port.
  /// - Throws: `ListenError`; nothing runs then.
  package func start() async throws -> Int {
    let sequencer = sequencer
    sequencerThread.withLock { $0 = NamedThread("sequencer") { sequencer.run() } }
    shared.symbolStates.start()
    router.start(output: queue, faults: faults)
    let (router, clock, watch) = (router, clock, watchEnd)
    let (shared, transport) = (shared, transport)
    let meters = transport.meters
    watchThread.withLock {
      $0 = NamedThread("watch") {
        var refusals = RefusalLog()
        let steps = ClockStepLog()
        var heap = HeapTrim()
        while !watch.wait(nanos: 100_000_000) {
          if let (step, ahead) = clock.look() { steps.tell(step, aheadNanos: ahead) }
          router.judge(at: clock.monotonicNow)
          let (held, connections) = (shared.pendingBytes.total, transport.connectionCount)
          if heap.isDue(pendingBytes: held, connections: connections, now: clock.monotonicNow) { HeapTrim.trim() }
          refusals.look(at: clock.monotonicNow) { cause in
            switch cause {
            case .publishStreams: shared.publishStreams.refusals.full
            case .shares:
              shared.publishStreams.refusals.share + shared.subscribers.refusals.share + shared.replays.refusals.share
            case .subscribers: shared.subscribers.refusals.full
            }
          }
          refusals.look(at: clock.monotonicNow, ended: meters.ended.all)
        }
      }
    }
    do {
      return try await transport.start()
    } catch {
      await stopThreads()
      shared.symbolStates.stop()
      try? await group.shutdownGracefully()
      throw error
    }
  }

  /// The snapshot that `GetMetrics` gives.
  package var metrics: MetricsSnapshot { shared.metrics() }

  /// Takes what a changed configuration can change while the server runs.
  /// - Returns: a line for each thing done, and each that needs a restart.
  package func reload(_ configuration: ServerConfiguration) async -> [String] {
    await withCheckedContinuation { continuation in
      ConfigurationReload(shared).apply(configuration) { continuation.resume(returning: $0) }
    }
  }

  /// - Parameter body: called when an admin asks for a shutdown, with the grace that it names; nil = as configured.
  package func whenAskedToShutDown(_ body: @escaping @Sendable (_ graceNanos: Int64?) -> Void) {
    shared.shutdownRequest.withLock { $0 = body }
  }

  /// Ends in order: no new work (health NOT_SERVING, GOAWAY), what has been published is processed and acknowledged, subscribers get every
  /// event, and what is still open when `grace` has passed is closed a tenth of a second later. Until then health can be asked for on new connections.
  /// - Returns: whether everything ended by itself.
  @discardableResult
  package func shutdown(graceNanos: Int64? = nil) async -> Bool {
    let grace = graceNanos ?? configuration.drainNanos
    let deadline = clock.monotonicNow.nanoseconds &+ grace
    health.setAll(.notServing)
    shared.isDraining.store(true, ordering: .relaxed)
    transport.beginDrain()
    router.resumeAll()
    loops.onEach { $0.drainPublishing() }
    let published = await loops.wait(until: deadline, clock) { $0.calls.streams.count == 0 }
    await stopThreads()
    loops.onEach { $0.calls.drainFeeds() }
    let delivered = await loops.wait(until: deadline, clock) { $0.calls.feedCount == 0 }
    loops.onEach { $0.endHealthWatches() }
    await waitForConnections(until: deadline)
    // A client that has not read its last status yet gets a moment, even where no grace is left.
    let left = min(max(deadline &- clock.monotonicNow.nanoseconds, 100_000_000), 1_000_000_000)
    await transport.close(within: .nanoseconds(left))
    shared.symbolStates.stop()
    loops.detach()
    try? await group.shutdownGracefully()
    return published && delivered
  }

  /// Clients that have their statuses close their connections, or the server does at the deadline.
  private func waitForConnections(until deadline: Int64) async {
    let last = min(deadline, clock.monotonicNow.nanoseconds &+ 1_000_000_000)
    while transport.meters.openCalls.load(ordering: .relaxed) > 0, clock.monotonicNow.nanoseconds < last {
      try? await Task.sleep(nanoseconds: 5_000_000)
    }
  }

  /// Workers finish their rings, then the sequencer its own.
  private func stopThreads() async {
    let router = router
    let queue = queue
    let thread = sequencerThread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    watchEnd.end()
    watchThread.withLock { $0 }?.join()
    watchThread.withLock { $0 = nil }
    await withCheckedContinuation { continuation in
      _ = NamedThread("stop") {
        router.stop()
        queue.close()
        thread?.join()
        continuation.resume()
      }
    }
  }
}
