internal import Channels
internal import Events
internal import GRPC
internal import LockFree
internal import MarketData
internal import NIOCore
internal import Synchronization
internal import WireCodec

/// Everything one event loop keeps: its decoder, its router, its calls. Belongs to the loop; nothing of it is shared or locked.
final class LoopContext {
  /// How often changes that no marker tells, waits for full channels, heartbeats and metrics are looked at.
  private static let tickInterval = TimeAmount.milliseconds(10)

  let index: Int
  let eventLoop: any EventLoop
  let mailbox: LoopMailbox
  let shared: SharedState
  let decoder: PublishDecoder
  let requests = RequestDecoder()
  let router: LoopRouter
  let meters = LoopMeters()

  /// Tells this loop's health watchers what has changed.
  var publishHealth: () -> Void = {}
  var endHealthWatches: () -> Void = {}

  private var slots: StreamSlots
  private var feeds: [ObjectIdentifier: SubscriptionFeed] = [:]
  private var watches: [ObjectIdentifier: MetricsWatch] = [:]
  private var sessions: [ObjectIdentifier: SessionCall] = [:]
  private var replays: [ObjectIdentifier: ReplayCall] = [:]
  /// Calls that wait for an answer from another thread.
  private var held: [UInt64: CallHandler] = [:]
  /// Whose records stand in the router's stage.
  private var stageOwner: PublishStream?
  private var touched: [PublishStream] = []
  private var token: UInt64 = 0
  private var ticker: Scheduled<Void>?
  private var clockIsFresh = false
  private var isDraining = false

  /// The wall clock as read once for each read of a socket.
  private(set) var unixNow = UnixNanos(0)

  init(index: Int, loops: Int, eventLoop: any EventLoop, mailbox: LoopMailbox, shared: SharedState) {
    self.index = index
    self.eventLoop = eventLoop
    self.mailbox = mailbox
    self.shared = shared
    self.router = LoopRouter(shared.router)
    self.decoder = PublishDecoder(
      limits: shared.decoderLimits, resolver: shared.router.registry, runs: router.ticks.stages,
      barRuns: router.bars.stages,
      fairValueRuns: router.fairValues.stages, models: shared.models)
    self.slots = StreamSlots(loop: index, loops: loops)
  }

  var monotonicNow: MonotonicNanos { shared.clock.monotonicNow }

  // MARK: - Reads

  /// Called before a stream stages records: another stream's records are pushed first, so that what blocks belongs to one stream.
  func own(_ stream: PublishStream) {
    if !clockIsFresh {
      unixNow = shared.clock.unixNow
      clockIsFresh = true
    }
    if stageOwner !== stream {
      stageOwner?.readComplete()
      stageOwner = stream
    }
    // One epoch for both: a symbol has one place in all that is staged, and its gate is known here, or closed.
    router.begin()
    decoder.begin(now: unixNow, slot: stream.slot, receivedTime: unixNow, epoch: router.epoch)
    armTicker()
  }

  /// A stream's read is through.
  func readComplete(of stream: PublishStream) {
    stream.readComplete()
    if stageOwner === stream { stageOwner = nil }
    clockIsFresh = false
  }

  func countItems(accepted: Int, rejected: Int) {
    meters.publishedItems.add(UInt64(accepted))
    if rejected > 0 { meters.rejectedItems.add(UInt64(rejected)) }
  }

  func nextToken() -> UInt64 {
    token += 1
    return token
  }

  // MARK: - Publish streams

  /// A new stream; nil when `limits.max_publish_streams` are open.
  func makeStream(output: any PublishOutput, publisher: String?) -> PublishStream? {
    let before = shared.publishStreams.wrappingAdd(1, ordering: .relaxed).oldValue
    guard before < shared.configuration.limits.maxPublishStreams else {
      shared.publishStreams.wrappingAdd(-1, ordering: .relaxed)
      shared.refusedPublishStreams.wrappingAdd(1, ordering: .relaxed)
      return nil
    }
    let slot = slots.reserve()
    let stream = PublishStream(slot: slot, loop: self, output: output, publisher: publisher)
    slots[slot] = stream
    return stream
  }

  /// A stream for a call, or why there cannot be one.
  func admitPublisher(metadata: Metadata, output: any PublishOutput) -> Result<PublishStream, Status> {
    guard !isDraining else { return .failure(SharedState.draining) }
    let name = metadata["penstock-publisher"]
    if let name, !PublisherDirectory.isValid(name) {
      return .failure(
        Status(
          .invalidArgument,
          "penstock-publisher is '\(name.prefix(80))'; must be 1 to 64 of a-z, 0-9, '-', '_', '.'"))
    }
    guard let stream = makeStream(output: output, publisher: name) else {
      return .failure(
        Status(
          .resourceExhausted,
          "limits.max_publish_streams: \(shared.configuration.limits.maxPublishStreams) publishing calls are open"))
    }
    return .success(stream)
  }

  func stream(at slot: StreamSlot) -> PublishStream? { slots[slot] }

  func stream(at slot: StreamSlot, token: UInt64) -> PublishStream? {
    guard let stream = slots[slot], stream.claimToken == token else { return nil }
    return stream
  }

  func retire(_ stream: PublishStream) {
    if stageOwner === stream { stageOwner = nil }
    slots.release(stream.slot)
    shared.publishStreams.wrappingAdd(-1, ordering: .relaxed)
  }

  func markersOut(_ markers: [Marker]) {
    guard !markers.isEmpty else { return }
    touched.removeAll(keepingCapacity: true)
    for marker in markers {
      guard let stream = slots[marker.slot] else { continue }
      stream.markerOut(marker)
      if touched.last !== stream { touched.append(stream) }
    }
    for stream in touched { stream.markersDone() }
  }

  // MARK: - Subscriptions and watches

  func add(_ feed: SubscriptionFeed) {
    feeds[ObjectIdentifier(feed)] = feed
    armTicker()
  }

  /// A subscription for a request, or why there cannot be one.
  func makeFeed(_ message: RawSpan, output: any SubscriptionOutput) -> Result<SubscriptionFeed, Status> {
    do {
      return makeFeed(try requests.subscribe(message), output: output)
    } catch {
      return .failure(error.status)
    }
  }

  /// - Parameter running: the subscription that ends where this one begins.
  func makeFeed(
    _ request: SubscriptionRequest, output: any SubscriptionOutput, replacing running: SubscriptionFeed? = nil
  ) -> Result<SubscriptionFeed, Status> {
    guard !isDraining else { return .failure(SharedState.draining) }
    do {
      let valid = try request.validated()
      let limit = shared.configuration.limits.maxSubscribers
      guard shared.subscribers.wrappingAdd(1, ordering: .relaxed).oldValue < limit + (running == nil ? 0 : 1) else {
        shared.subscribers.wrappingAdd(-1, ordering: .relaxed)
        shared.refusedSubscribers.wrappingAdd(1, ordering: .relaxed)
        return .failure(Status(.resourceExhausted, "limits.max_subscribers: \(limit) subscriptions are running"))
      }
      return .success(SubscriptionFeed(valid, loop: self, output: output))
    } catch {
      return .failure(Status(.invalidArgument, "\(error)"))
    }
  }

  func remove(_ feed: SubscriptionFeed) { feeds[ObjectIdentifier(feed)] = nil }

  func add(_ watch: MetricsWatch) {
    watches[ObjectIdentifier(watch)] = watch
    armTicker()
  }

  func remove(_ watch: MetricsWatch) { watches[ObjectIdentifier(watch)] = nil }

  func add(_ session: SessionCall) { sessions[ObjectIdentifier(session)] = session }

  func remove(_ session: SessionCall) { sessions[ObjectIdentifier(session)] = nil }

  /// Sends a frame to every session of this loop.
  func notify(_ frame: [UInt8]) {
    for session in sessions.values { session.notify(frame) }
  }

  /// Notes a replay, or says why no more may run.
  func admit(_ replay: ReplayCall) -> Status? {
    guard !isDraining else { return SharedState.draining }
    let before = shared.replays.wrappingAdd(1, ordering: .relaxed).oldValue
    guard before < ReplayCall.replaysMax else {
      shared.replays.wrappingAdd(-1, ordering: .relaxed)
      return Status(
        .resourceExhausted, "\(ReplayCall.replaysMax) replays are running; at most so many run at once")
    }
    replays[ObjectIdentifier(replay)] = replay
    return nil
  }

  func remove(_ replay: ReplayCall) { replays[ObjectIdentifier(replay)] = nil }

  /// Keeps a call until its answer comes.
  func hold(_ handler: CallHandler) -> UInt64 {
    let token = nextToken()
    held[token] = handler
    return token
  }

  func held(_ token: UInt64) -> CallHandler? { held[token] }

  func letGo(_ token: UInt64) -> CallHandler? { held.removeValue(forKey: token) }

  func pumpLater(_ feed: SubscriptionFeed) { eventLoop.assumeIsolated().execute { feed.pump() } }

  func pumpFeeds() {
    for feed in feeds.values { feed.pump() }
  }

  /// What this loop's subscriptions are at, by their clients' addresses.
  var subscriptionsByPeer: [String: SessionDirectory.Subscriptions] {
    feeds.values.reduce(into: [:]) { sums, feed in
      sums[feed.peer, default: SessionDirectory.Subscriptions()].lag += feed.lag
      sums[feed.peer, default: SessionDirectory.Subscriptions()].drops += feed.drops
    }
  }

  var publishStreamCount: Int { slots.count }
  var feedCount: Int { feeds.count }

  // MARK: - Shutdown

  /// Ends every publish stream after its acknowledgements, with UNAVAILABLE.
  func drainPublishing() {
    isDraining = true
    for session in sessions.values { session.drain() }
    for stream in slots.all { stream.end(with: SharedState.draining) }
    for watch in watches.values { watch.end(with: SharedState.draining) }
    for replay in replays.values { replay.drain() }
  }

  /// Ends every subscription once it has sent what is in the log.
  func drainFeeds() {
    for feed in feeds.values { feed.drain() }
  }

  // MARK: - Time

  private func armTicker() {
    guard ticker == nil else { return }
    ticker = eventLoop.assumeIsolated().scheduleTask(in: Self.tickInterval) { self.tick() }
  }

  private func tick() {
    ticker = nil
    let now = monotonicNow
    var isNeeded = !feeds.isEmpty || !watches.isEmpty
    for stream in slots.all where stream.needsTick {
      stream.tick(now: now)
      isNeeded = isNeeded || stream.needsTick
    }
    for feed in feeds.values { feed.tick(now: now) }
    for watch in watches.values { watch.tick(now: now) }
    if isNeeded { armTicker() }
  }
}
