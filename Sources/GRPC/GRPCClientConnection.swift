package import HTTP2
package import LockFree

package import struct MarketData.MonotonicNanos

/// Limits and names of a client's connections. Bytes and nanoseconds.
package struct GRPCClientConfiguration: GRPCConfiguration {
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

/// A client's side: opens streams, one a call.
package final class GRPCClientConnection: GRPCConnection {
  private let configuration: GRPCClientConfiguration

  package init(
    configuration: GRPCClientConfiguration = GRPCClientConfiguration(), now: MonotonicNanos = MonotonicNanos(0)
  ) {
    self.configuration = configuration
    super.init(.client, configuration, now: now)
  }

  /// Starts a call. The handler hears of everything, at the least `onEnd`; on a connection that takes no new call, that before this returns.
  /// - Parameter deadline: on the clock of `receive` and `advance(to:)`; sent as what is left of it from `now`.
  @discardableResult
  package func start(
    _ path: String, metadata: Metadata = [:], deadline: MonotonicNanos? = nil, now: MonotonicNanos? = nil,
    handler: ClientCallHandler
  ) -> ClientCall {
    if let now { moveClock(to: now) }
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
    if let deadline { watch(call, until: deadline) }
    return call
  }

  /// The server sent GOAWAY: open another connection for new calls.
  package var serverIsLeaving: Bool { session.peerIsLeaving }
}
