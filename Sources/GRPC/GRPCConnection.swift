package import HTTP2
package import LockFree

package import struct MarketData.MonotonicNanos

/// What both sides of a connection are configured with. Bytes and nanoseconds.
package protocol GRPCConfiguration: Sendable {
  var http2: HTTP2Configuration { get }
  var maxMessageBytes: Int { get }
  var pendingBytes: ByteBudget { get }
  /// Silence after which the peer is asked for a sign of life; nil = never asked.
  var keepaliveIntervalNanos: Int64? { get }
  var keepaliveTimeoutNanos: Int64 { get }
}

/// One connection without sockets, from either side: bytes in, handlers called, bytes out. Belongs to one event loop.
///
/// The transport calls `receive` with what it read, then `takeOutput` until it returns false or the socket is full, closes when
/// `wantsToClose`, calls `advance(to:)` at `nextDeadline`, and in the end always `connectionLost`.
package class GRPCConnection {
  /// Output was produced outside `receive` and `advance`: the transport shall take it. Called once until `takeOutput` has run dry.
  package var onOutputReady: () -> Void = {}
  private(set) var now: MonotonicNanos

  let session: HTTP2Session
  let limits: MessageLimits
  private(set) var isDraining = false
  private var deadlines = DeadlineQueue<MessageStream>()
  private var keepalive: Keepalive
  private var isInside = false

  init(
    _ role: HTTP2Session.Role, _ configuration: some GRPCConfiguration, now: MonotonicNanos, memory: FaultyMemory? = nil
  ) {
    self.now = now
    limits = MessageLimits(
      maxMessageBytes: configuration.maxMessageBytes, pendingBytes: BudgetHolder(of: configuration.pendingBytes))
    keepalive = Keepalive(
      interval: configuration.keepaliveIntervalNanos, timeout: configuration.keepaliveTimeoutNanos, now: now)
    session = HTTP2Session(role: role, configuration: configuration.http2, memory: memory)
    session.onOutput = { [unowned self] in if !isInside { onOutputReady() } }
  }

  /// What the socket gave. Never fails towards the caller: see `wantsToClose` and `ending`.
  package func receive(_ bytes: RawSpan, now: MonotonicNanos) {
    moveClock(to: now)
    keepalive.heard(now)
    turnBegan()
    session.receive(bytes, now: now)
    turnEnded()
  }

  /// Hands out framed bytes, gathered, about `limit` at a time; call until false or until the socket takes no more.
  package func takeOutput(upTo limit: Int = 256 << 10, _ body: (RawSpan) -> Void) -> Bool {
    // Calls that may send again are told of it in here.
    turnBegan()
    defer { turnEnded() }
    return session.takeOutput(upTo: limit, body)
  }

  /// The same, appended to a buffer.
  package func takeOutput(upTo limit: Int = 256 << 10, into buffer: inout [UInt8]) -> Bool {
    takeOutput(upTo: limit) { buffer.append($0) }
  }

  /// The transport shall flush what `takeOutput` gives and close.
  package var wantsToClose: Bool { session.wantsToClose }

  /// Why the connection ends before its peer wants it to; nil while it works and when it ends in order.
  package var ending: ConnectionEnd? { session.ending }

  package var openCalls: Int { session.openStreams }

  /// Bytes that calls have queued and the transport has not taken. Cost: O(open calls).
  package var queuedBytes: Int { session.queuedBytes }

  /// When `advance(to:)` has something to do.
  package var nextDeadline: MonotonicNanos? {
    guard let call = deadlines.next else { return keepalive.next }
    guard let ping = keepalive.next else { return call }
    return min(call, ping)
  }

  /// Ends calls whose deadline has passed, asks a silent peer for a sign of life. Output may be waiting afterwards.
  package func advance(to now: MonotonicNanos) {
    moveClock(to: now)
    isInside = true
    turnBegan()
    while let call = deadlines.popExpired(self.now) { call.deadlinePassed() }
    endIdleCalls()
    switch keepalive.advance(to: self.now) {
    case .none: break
    case .ping: session.ping()
    case .giveUp: session.end(ConnectionEnd(.keepalive, "the peer has been silent, and answered no PING"))
    }
    turnEnded()
    isInside = false
  }

  /// GOAWAY now, and no new calls: those that are open go on, the connection wants to close after the last.
  package func beginDrain() {
    guard !isDraining else { return }
    isDraining = true
    session.goAway()
  }

  /// The transport is gone: every open call hears of it. Idempotent.
  package func connectionLost() {
    turnBegan()
    session.connectionLost()
    turnEnded()
  }

  // MARK: for subclasses

  /// Around everything by which the connection enters its calls.
  func turnBegan() {}

  func turnEnded() {}

  /// Within `advance(to:)`: ends calls that have waited too long for something else than their deadline.
  func endIdleCalls() {}

  // MARK: for calls

  func moveClock(to now: MonotonicNanos) { self.now = max(self.now, now) }

  func watch(_ call: MessageStream, until deadline: MonotonicNanos) { deadlines.add(call, deadline) }

  func unwatch() { deadlines.markStale { $0.isActive } }
}
