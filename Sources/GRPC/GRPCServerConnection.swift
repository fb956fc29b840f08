package import HTTP2
package import LockFree

package import struct MarketData.MonotonicNanos

/// Limits and times of a server's connections. Bytes and nanoseconds.
package struct GRPCServerConfiguration: Sendable {
  package var http2 = HTTP2Configuration()
  /// Largest message that a client may send; beyond: RESOURCE_EXHAUSTED.
  package var maxMessageBytes = 4 << 20
  /// Shared by all connections of the process.
  package var pendingBytes = ByteBudget(limit: 256 << 20)
  /// Silence after which the client is asked for a sign of life; nil = never asked.
  package var keepaliveIntervalNanos: Int64?
  package var keepaliveTimeoutNanos: Int64 = 20_000_000_000
  /// A call that gets no byte of a message that has begun for so long ends with DEADLINE_EXCEEDED.
  package var idleMessageNanos: Int64 = 60_000_000_000

  package init() {}
}

/// Decides who serves a call.
package protocol CallDispatcher: AnyObject {
  /// The handler of a new call; nil for a method that does not exist. May finish the call itself, and then returns any or no handler.
  func accept(_ head: CallHead, call: ServerCall) -> CallHandler?

  /// Around everything by which a connection enters its calls: whoever gathers work over many messages, and over the streams of one read,
  /// finishes it in `turnEnded`, which comes whatever became of the calls.
  func turnBegan()
  func turnEnded()
}

extension CallDispatcher {
  package func turnBegan() {}
  package func turnEnded() {}
}

/// One server connection without sockets: bytes in, handlers called, bytes out. Belongs to one event loop.
///
/// The transport calls `receive` with what it read, then `takeOutput` until it returns false or the socket is full, closes when
/// `wantsToClose`, calls `advance(to:)` at `nextDeadline`, and in the end always `connectionLost`.
package final class GRPCServerConnection {
  package let peer: String
  /// Output was produced outside `receive` and `advance`: the transport shall take it. Called once until `takeOutput` has run dry.
  package var onOutputReady: () -> Void = {}
  /// Handlers and data hang on the connection by this.
  let dispatcher: any CallDispatcher
  private(set) var now: MonotonicNanos

  private let session: HTTP2Session
  private let limits: MessageLimits
  private var deadlines = DeadlineQueue<ServerCall>()
  private var keepalive: Keepalive
  private var unfinished: UnfinishedMessages
  private let pendingBytes: ByteBudget
  private var isDraining = false
  private var isInside = false

  package init(
    configuration: GRPCServerConfiguration, dispatcher: any CallDispatcher, peer: String = "",
    now: MonotonicNanos = MonotonicNanos(0), memory: FaultyMemory? = nil
  ) {
    self.dispatcher = dispatcher
    self.peer = peer
    self.now = now
    limits = MessageLimits(
      maxMessageBytes: configuration.maxMessageBytes, pendingBytes: configuration.pendingBytes)
    unfinished = UnfinishedMessages(idleNanos: configuration.idleMessageNanos)
    pendingBytes = configuration.pendingBytes
    keepalive = Keepalive(
      interval: configuration.keepaliveIntervalNanos, timeout: configuration.keepaliveTimeoutNanos, now: now)
    session = HTTP2Session(role: .server, configuration: configuration.http2, memory: memory)
    session.makeStream = { [unowned self] in ServerCall(connection: self, limits: self.limits) }
    session.onOutput = { [unowned self] in if !isInside { onOutputReady() } }
  }

  /// What the socket gave. Never fails towards the caller: see `wantsToClose` and `fault`.
  package func receive(_ bytes: RawSpan, now: MonotonicNanos) {
    self.now = now
    keepalive.heard(now)
    dispatcher.turnBegan()
    session.receive(bytes, now: now)
    dispatcher.turnEnded()
  }

  /// Hands out framed bytes, gathered, about `limit` at a time; call until false or until the socket takes no more.
  package func takeOutput(upTo limit: Int = 256 << 10, _ body: (RawSpan) -> Void) -> Bool {
    // Calls that may send again are told of it in here.
    dispatcher.turnBegan()
    defer { dispatcher.turnEnded() }
    return session.takeOutput(upTo: limit, body)
  }

  /// The same, appended to a buffer.
  package func takeOutput(upTo limit: Int = 256 << 10, into buffer: inout [UInt8]) -> Bool {
    takeOutput(upTo: limit) { buffer.append($0) }
  }

  /// The transport shall flush what `takeOutput` gives and close.
  package var wantsToClose: Bool { session.wantsToClose }

  /// Why the connection broke; nil while it works or when it ends in order.
  package var fault: SessionFault? { session.fault }

  /// A flood of frames that cost the client nothing ended the connection.
  package var wasFlooded: Bool { session.wasFlooded }

  package var openCalls: Int { session.openStreams }

  /// Bytes that calls have queued and the transport has not taken. Cost: O(open calls).
  package var queuedBytes: Int { session.queuedBytes }

  /// When `advance(to:)` has something to do.
  package var nextDeadline: MonotonicNanos? {
    var next = keepalive.next
    if let call = deadlines.next { next = min(next ?? call, call) }
    if let look = unfinished.nextLook { next = min(next ?? look, look) }
    return next
  }

  /// Ends calls whose deadline has passed, asks silent peers for a sign of life. Output may be waiting afterwards.
  package func advance(to now: MonotonicNanos) {
    self.now = max(self.now, now)
    isInside = true
    dispatcher.turnBegan()
    while let call = deadlines.popExpired(self.now) { call.deadlinePassed() }
    endIdleMessages()
    switch keepalive.advance(to: self.now) {
    case .none: break
    case .ping: session.ping()
    case .giveUp: session.fail(.keepaliveTimeout)
    }
    dispatcher.turnEnded()
    isInside = false
  }

  /// GOAWAY now: calls that are open go on, the connection wants to close after the last.
  package func beginDrain() {
    guard !isDraining else { return }
    isDraining = true
    session.goAway()
  }

  /// The transport is gone: every open call hears of it. Idempotent.
  package func connectionLost() {
    dispatcher.turnBegan()
    session.connectionLost()
    dispatcher.turnEnded()
  }

  private func endIdleMessages() {
    let isSpent = pendingBytes.total > pendingBytes.limit / 8 * 7
    for (call, reason) in unfinished.look(now: now, isBudgetSpent: isSpent) {
      switch reason {
      case .idle: call.refuse(.idleMessage(unfinished.idleNanos))
      case .budgetSpent: call.refuse(.spent(pendingBytes, .messages))
      }
    }
  }

  // MARK: for calls

  func unfinishedGrew(_ call: MessageStream) { unfinished.grew(call, now: now) }

  func unfinishedEnded(_ call: MessageStream) { unfinished.remove(call) }

  func watch(_ call: ServerCall, until deadline: MonotonicNanos) { deadlines.add(call, deadline) }

  func unwatch() { deadlines.markStale { $0.isActive } }
}
