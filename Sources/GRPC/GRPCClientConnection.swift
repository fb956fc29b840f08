package import HTTP2
package import LockFree

package import struct MarketData.MonotonicNanos

/// Limits and names of a client's connections. Bytes and nanoseconds.
package struct GRPCClientConfiguration: Sendable {
  package var http2 = HTTP2Configuration()
  package var maxMessageBytes = 64 << 20
  package var pendingBytes = ByteBudget(limit: 1 << 30)
  package var authority = "localhost"
  package var scheme = "http"
  package var userAgent = "penstock-swift"
  package var keepaliveIntervalNanos: Int64?
  package var keepaliveTimeoutNanos: Int64 = 20_000_000_000

  package init() {}
}

/// One client connection without sockets; mirror image of `GRPCServerConnection`, driven by the transport in the same way.
package final class GRPCClientConnection {
  package var onOutputReady: () -> Void = {}
  private let configuration: GRPCClientConfiguration
  private let session: HTTP2Session
  private let limits: MessageLimits
  private var deadlines = DeadlineQueue<ClientCall>()
  private var keepalive: Keepalive
  private var isDraining = false
  private var isInside = false
  private var now: MonotonicNanos

  package init(
    configuration: GRPCClientConfiguration = GRPCClientConfiguration(), now: MonotonicNanos = MonotonicNanos(0)
  ) {
    self.configuration = configuration
    self.now = now
    limits = MessageLimits(
      maxMessageBytes: configuration.maxMessageBytes, pendingBytes: configuration.pendingBytes)
    keepalive = Keepalive(
      interval: configuration.keepaliveIntervalNanos, timeout: configuration.keepaliveTimeoutNanos, now: now)
    session = HTTP2Session(role: .client, configuration: configuration.http2)
    session.onOutput = { [unowned self] in if !isInside { onOutputReady() } }
  }

  /// Starts a call. The handler hears of everything, at the least `onEnd`; on a connection that takes no new call, that before this returns.
  /// - Parameter deadline: on the clock of `receive` and `advance(to:)`; sent as what is left of it from `now`.
  @discardableResult
  package func start(
    _ path: String, metadata: Metadata = [:], deadline: MonotonicNanos? = nil, now: MonotonicNanos? = nil,
    handler: ClientCallHandler
  ) -> ClientCall {
    if let now { self.now = max(self.now, now) }
    let call = ClientCall(connection: self, limits: limits, handler: handler, hasDeadline: deadline != nil)
    var fields = [
      HeaderField(":method", "POST"), HeaderField(":scheme", configuration.scheme), HeaderField(":path", path),
      HeaderField(":authority", configuration.authority), HeaderField("te", "trailers"),
      HeaderField("content-type", "application/grpc"), HeaderField("user-agent", configuration.userAgent),
    ]
    if let deadline {
      fields.append(HeaderField("grpc-timeout", Timeout.format(deadline.nanoseconds - self.now.nanoseconds)))
    }
    metadata.append(to: &fields)
    guard !isDraining, session.open(call, fields) else {
      call.refused(Status(.unavailable, "the connection takes no new call"))
      return call
    }
    if let deadline { deadlines.add(call, deadline) }
    return call
  }

  package func receive(_ bytes: RawSpan, now: MonotonicNanos) {
    self.now = max(self.now, now)
    keepalive.heard(now)
    session.receive(bytes, now: now)
  }

  package func takeOutput(upTo limit: Int = 256 << 10, _ body: (RawSpan) -> Void) -> Bool {
    session.takeOutput(upTo: limit, body)
  }

  package func takeOutput(upTo limit: Int = 256 << 10, into buffer: inout [UInt8]) -> Bool {
    session.takeOutput(upTo: limit) { buffer.append($0) }
  }

  package var wantsToClose: Bool { session.wantsToClose }
  package var fault: SessionFault? { session.fault }
  package var openCalls: Int { session.openStreams }
  /// The server sent GOAWAY: open another connection for new calls.
  package var serverIsLeaving: Bool { session.peerIsLeaving }

  package var nextDeadline: MonotonicNanos? {
    guard let call = deadlines.next else { return keepalive.next }
    guard let ping = keepalive.next else { return call }
    return min(call, ping)
  }

  package func advance(to now: MonotonicNanos) {
    self.now = max(self.now, now)
    isInside = true
    while let call = deadlines.popExpired(self.now) { call.deadlinePassed() }
    switch keepalive.advance(to: self.now) {
    case .none: break
    case .ping: session.ping()
    case .giveUp: session.fail(.keepaliveTimeout)
    }
    isInside = false
  }

  /// No new calls from now on; GOAWAY tells the server. The connection wants to close after the last open call.
  package func beginDrain() {
    guard !isDraining else { return }
    isDraining = true
    session.goAway()
  }

  package func connectionLost() { session.connectionLost() }

  func unwatch() { deadlines.markStale { $0.isActive } }
}
