internal import Channels
internal import Events
internal import GRPC
internal import LockFree
internal import MarketData
internal import Synchronization
internal import WireCodec

/// One running subscription: does what its `FeedStateMachine` says, and sends what its `Subscription` gives. Belongs to its event loop.
final class SubscriptionFeed {
  private let loop: LoopContext
  private let output: any SubscriptionOutput
  private var subscription: Subscription
  private var machine: FeedStateMachine
  private let id: String
  /// Places of the log that the client was told to have missed for being slow.
  private(set) var drops: UInt64 = 0

  /// - Precondition: it is counted among the subscribers; its end takes it out.
  init(
    _ valid: SubscriptionRequest.Valid, filter: SubscriptionFilter, loop: LoopContext, output: any SubscriptionOutput
  ) {
    self.loop = loop
    peer = output.peer
    self.output = output
    // Up to 100,000 patterns, which the filter has taken in.
    var kept = valid
    kept.request.symbols = []
    kept.request.channels = []
    subscription = Subscription(kept, filter: filter, log: loop.shared.log)
    id = valid.request.subscriptionID
    machine = FeedStateMachine(heartbeatNanos: valid.heartbeatNanos, now: loop.monotonicNow)
  }

  /// The connection that it came by; kept, because its call may be gone when its place is given back.
  let peer: String

  /// Whether it goes on: false from the moment on at which its end is told.
  var isRunning: Bool { machine.isRunning }

  /// Events of the log that have not been looked at for this subscription, or were and wait.
  var lag: UInt64 {
    let (last, sent) = (loop.shared.log.lastSequence, subscription.sentUpTo)
    return last > sent ? last - sent : 0
  }

  /// Tells at once where it is, and asks for a turn: nothing of the log is looked at in here.
  func start() {
    loop.calls.add(self)
    loop.armTicker()
    // That the cursor is another log's is told before anything else.
    var looks = 0
    if subscription.beginsWithLogReplaced, let missed = subscription.next(loop.feeds.reader, looks: &looks) {
      send(missed)
    }
    heartbeat()
    handle(.began)
  }

  func logGrew() { handle(.logGrew) }

  func writableAgain() { handle(.writable) }

  /// The call is gone, or another subscription takes its place.
  func stop() { handle(.stopped) }

  /// Ends behind what is queued.
  func end(with status: Status) {
    handle(.finished)
    finish(status)
  }

  /// Ends with UNAVAILABLE once everything in the log is sent.
  func drain() { handle(.drained) }

  func tick(now: MonotonicNanos) { handle(.tick(now: now, isWritable: machine.isRunning && output.isWritable)) }

  /// - Parameter looks: how many entries of the log may be looked at; falls by what was, and by what sending costs beside.
  func takeTurn(_ reader: LogReader, looks: inout Int) {
    switch machine.handle(.turn(isWritable: machine.isRunning && output.isWritable)) {
    case .send: sendEvents(reader, &looks)
    case .count: countWaiting(reader, &looks)
    default: break
    }
  }

  private func handle(_ event: FeedStateMachine.Event) {
    switch machine.handle(event) {
    case .none, .send, .count: break
    case .queue: loop.feeds.enqueue(self)
    case .heartbeat: heartbeat()
    case .endDraining: finish(SharedState.draining)
    case .cut: cut()
    case .reset: output.reset()
    case .release:
      loop.calls.remove(self)
      loop.shared.subscribers.giveBack(by: peer)
    }
  }

  // MARK: - A turn

  private func sendEvents(_ reader: LogReader, _ looks: inout Int) {
    var bytesMax = SubscriptionQueue.bytesAtOnce
    while output.isWritable, looks > 0 {
      guard let next = subscription.next(reader, looks: &looks, bytesMax: bytesMax) else {
        return handle(subscription.hasMoreToLookAt ? .sentSome : .sentAll)
      }
      send(next)
      guard machine.isRunning else { return }
      if case .events(let bytes, _, _) = next {
        // Copying costs, too: 32 bytes about as much as an entry.
        looks -= bytes.count / 32
        // There is more than one small response: how large the next may be, the client's window says.
        if bytes.count >= bytesMax {
          bytesMax = min(Subscription.bytesPerResponse, max(SubscriptionQueue.bytesAtOnce, output.freeWindowBytes))
        }
      }
    }
    handle(.sentSome)
  }

  private func countWaiting(_ reader: LogReader, _ looks: inout Int) {
    subscription.fallBehind(reader, looks: &looks)
    if subscription.isTooSlow { return handle(.foundTooSlow(now: loop.monotonicNow)) }
    handle(subscription.hasMoreToLookAt ? .countedSome : .countedAll)
  }

  // MARK: - Responses

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
      end(with: .ok)
    // Told by `cut`, which the turn that finds it asks for.
    case .ended(.tooSlow): handle(.foundTooSlow(now: loop.monotonicNow))
    }
  }

  private func respond(_ response: [UInt8]) {
    handle(.responded(now: loop.monotonicNow))
    output.send(response, last: subscription.lastSent)
  }

  // MARK: - The end

  private func cut() {
    let last = output.discardQueue(last: subscription.lastSent)
    var trailers = Metadata()
    trailers.add("penstock-last-sequence", "\(last)")
    finish(
      Status(
        .resourceExhausted,
        "too slow: more than \(subscription.valid.maxQueue) matching events waited; last sent \(last)"), trailers)
  }

  private func finish(_ status: Status, _ trailers: Metadata = [:]) {
    output.finish(status, trailers: trailers) { self.handle(.streamClosed) }
  }
}
