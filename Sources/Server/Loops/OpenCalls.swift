internal import Events
internal import GRPC
internal import MarketData

/// The long-lived calls of one event loop: who hears of news, of time, and of the server's end. Belongs to the loop.
final class OpenCalls {
  private(set) var streams: StreamSlots
  private var feeds: [ObjectIdentifier: SubscriptionFeed] = [:]
  private var watches: [ObjectIdentifier: MetricsWatch] = [:]
  private var sessions: [ObjectIdentifier: SessionCall] = [:]
  private var replays: [ObjectIdentifier: ReplayCall] = [:]
  /// Calls that wait for an answer from another thread.
  private var held: [UInt64: CallHandler] = [:]
  private var token: UInt64 = 0
  private var touched: [PublishStream] = []

  init(loop: Int, loops: Int) { streams = StreamSlots(loop: loop, loops: loops) }

  /// A number that no other call of this loop has had.
  func nextToken() -> UInt64 {
    token += 1
    return token
  }

  // MARK: - Publish streams

  func addStream(_ make: (StreamSlot) -> PublishStream) -> PublishStream {
    let slot = streams.reserve()
    let stream = make(slot)
    streams[slot] = stream
    return stream
  }

  func remove(_ stream: PublishStream) { streams.release(stream.slot) }

  func stream(at slot: StreamSlot) -> PublishStream? { streams[slot] }

  /// The stream that made a claim; nil where the slot is another's by now.
  func stream(at slot: StreamSlot, token: UInt64) -> PublishStream? {
    guard let stream = streams[slot], stream.claimToken == token else { return nil }
    return stream
  }

  /// Markers that came out of the sequencer: each stream answers once for all of its own.
  func markersOut(_ markers: [Marker]) {
    guard !markers.isEmpty else { return }
    touched.removeAll(keepingCapacity: true)
    for marker in markers {
      guard let stream = streams[marker.slot] else { continue }
      stream.markerOut(marker)
      if touched.last !== stream { touched.append(stream) }
    }
    for stream in touched { stream.markersDone() }
  }

  // MARK: - Subscriptions, watches, sessions, replays

  func add(_ feed: SubscriptionFeed) { feeds[ObjectIdentifier(feed)] = feed }
  func remove(_ feed: SubscriptionFeed) { feeds[ObjectIdentifier(feed)] = nil }
  func add(_ watch: MetricsWatch) { watches[ObjectIdentifier(watch)] = watch }
  func remove(_ watch: MetricsWatch) { watches[ObjectIdentifier(watch)] = nil }
  func watch(_ id: ObjectIdentifier) -> MetricsWatch? { watches[id] }
  func add(_ session: SessionCall) { sessions[ObjectIdentifier(session)] = session }
  func remove(_ session: SessionCall) { sessions[ObjectIdentifier(session)] = nil }
  func add(_ replay: ReplayCall) { replays[ObjectIdentifier(replay)] = replay }
  func remove(_ replay: ReplayCall) { replays[ObjectIdentifier(replay)] = nil }

  /// Sends a frame to every session of this loop.
  func notify(_ frame: [UInt8]) {
    for session in sessions.values { session.notify(frame) }
  }

  var allFeeds: some Sequence<SubscriptionFeed> { feeds.values }

  /// What this loop's subscriptions are at, by their clients' addresses.
  var subscriptionsByPeer: [String: SessionDirectory.Subscriptions] {
    feeds.values.reduce(into: [:]) { sums, feed in
      sums[feed.peer, default: SessionDirectory.Subscriptions()].lag += feed.lag
      sums[feed.peer, default: SessionDirectory.Subscriptions()].drops += feed.drops
    }
  }

  var feedCount: Int { feeds.count }

  // MARK: - Calls that wait for another thread

  /// Keeps a call until its answer comes.
  func hold(_ handler: CallHandler) -> UInt64 {
    let token = nextToken()
    held[token] = handler
    return token
  }

  func held(_ token: UInt64) -> CallHandler? { held[token] }

  func letGo(_ token: UInt64) -> CallHandler? { held.removeValue(forKey: token) }

  // MARK: - Time

  /// Tells everybody the time who waits for one.
  /// - Returns: whether it has to be told again.
  func tick(now: MonotonicNanos) -> Bool {
    var isNeeded = !feeds.isEmpty || !watches.isEmpty || !replays.isEmpty
    for stream in streams.all where stream.needsTick {
      stream.tick(now: now)
      isNeeded = isNeeded || stream.needsTick
    }
    for feed in feeds.values { feed.tick(now: now) }
    for watch in watches.values { watch.tick(now: now) }
    for replay in replays.values { replay.tick(now: now) }
    return isNeeded
  }

  // MARK: - The server's end

  /// Ends everything but subscriptions with UNAVAILABLE; publish streams after their acknowledgements.
  func drainPublishing() {
    for session in sessions.values { session.drain() }
    for stream in streams.all { stream.end(with: SharedState.draining) }
    for watch in watches.values { watch.end(with: SharedState.draining) }
    for replay in replays.values { replay.drain() }
  }

  /// Ends every subscription once it has sent what is in the log.
  func drainFeeds() {
    for feed in feeds.values { feed.drain() }
  }
}
