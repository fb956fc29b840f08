internal import Channels
internal import Events
internal import GRPC
internal import LockFree
internal import MarketData
internal import Synchronization
internal import WireCodec

/// One running subscription: sends what its `Subscription` says, heartbeats in between, and ends as it must. Belongs to its event loop.
final class SubscriptionFeed {
  private let loop: LoopContext
  private let output: any SubscriptionOutput
  private var subscription: Subscription
  private let id: String
  private let heartbeatNanos: Int64
  private var lastResponse: MonotonicNanos
  private var isOver = false
  private var isDraining = false
  /// Places of the log that the client was told to have missed for being slow.
  private(set) var drops: UInt64 = 0

  /// - Precondition: it is counted in `subscribers`; `stop` takes it out.
  init(_ valid: SubscriptionRequest.Valid, loop: LoopContext, output: any SubscriptionOutput) {
    self.loop = loop
    self.output = output
    let shared = loop.shared
    let filter = SubscriptionFilter(
      valid.request, symbols: shared.router.registry.symbols, channelNames: shared.router.names)
    // Up to 100,000 patterns, which the filter has taken in.
    var kept = valid
    kept.request.symbols = []
    subscription = Subscription(kept, filter: filter, log: shared.log)
    id = valid.request.subscriptionID
    heartbeatNanos = valid.heartbeatNanos
    lastResponse = loop.monotonicNow
  }

  var peer: String { output.peer }

  /// Events of the log that have not been looked at for this subscription, or were and wait.
  var lag: UInt64 {
    let (last, sent) = (loop.shared.log.lastSequence, subscription.sentUpTo)
    return last > sent ? last - sent : 0
  }

  func start() {
    loop.calls.add(self)
    loop.armTicker()
    // That the cursor is another log's is told before anything else.
    if subscription.beginsWithLogReplaced, let output = subscription.next() { send(output) }
    heartbeat()
    pump()
  }

  /// Sends as much as the client takes.
  func pump() {
    guard !isOver else { return }
    while output.isWritable {
      guard let next = subscription.next() else {
        // Others of this loop have their turn first.
        if subscription.hasMoreToLookAt { return loop.pumpLater(self) }
        break
      }
      send(next)
      if isOver { return }
    }
    if !output.isWritable { subscription.fallBehind() }
    // A subscriber that has just become too slow is told so even though it reads nothing.
    if !output.isWritable, subscription.isTooSlow, let next = subscription.next() { return send(next) }
    if isDraining, output.isWritable { end(SharedState.draining) }
  }

  /// The call is gone, or another subscription takes its place.
  func stop() {
    guard !isOver else { return }
    isOver = true
    loop.calls.remove(self)
    loop.shared.subscribers.wrappingAdd(-1, ordering: .relaxed)
  }

  /// Ends with UNAVAILABLE once everything in the log is sent.
  func drain() {
    isDraining = true
    pump()
  }

  func tick(now: MonotonicNanos) {
    guard !isOver, now.nanoseconds &- lastResponse.nanoseconds >= heartbeatNanos, output.isWritable else { return }
    heartbeat()
  }

  private func heartbeat() {
    let shared = loop.shared
    // The channels have passed the watermark; events up to it may still be on their way to this subscriber.
    respond(
      SubscribeResponses.heartbeat(
        last: subscription.sentUpTo, serverTime: shared.clock.unixNow, watermark: shared.watermark(),
        logID: shared.log.id, subscriptionID: id))
  }

  private func send(_ next: Subscription.Output) {
    switch next {
    case .events(let framed, _, let receivedTimes):
      respond(SubscribeResponses.events(framed: framed, subscriptionID: id))
      if !receivedTimes.isEmpty {
        let now = loop.shared.clock.unixNow
        let jump = loop.shared.clock.lastJump
        for time in receivedTimes { loop.ingress.meters.tickToEvent.record(jump.elapsed(from: time, to: now)) }
      }
    case .missed(let first, let last, let reason):
      if reason == .slowConsumer { drops += last - first + 1 }
      respond(SubscribeResponses.missed(first: first, last: last, reason: reason, subscriptionID: id))
    case .caughtUp(let last):
      respond(SubscribeResponses.caughtUp(last: last, logID: loop.shared.log.id, subscriptionID: id))
    case .ended(.caughtUp):
      end(.ok)
    case .ended(.tooSlow(let lastSent)):
      var trailers = Metadata()
      trailers.add("penstock-last-sequence", "\(lastSent)")
      end(
        Status(
          .resourceExhausted,
          "too slow: more than \(subscription.valid.maxQueue) matching events waited; last sent \(lastSent)"),
        trailers)
    }
  }

  private func respond(_ response: [UInt8]) {
    lastResponse = loop.monotonicNow
    output.send(response)
  }

  private func end(_ status: Status, _ trailers: Metadata = [:]) {
    guard !isOver else { return }
    stop()
    output.finish(status, trailers: trailers)
  }
}
