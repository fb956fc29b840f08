package import GRPC
internal import HTTP2
internal import MarketData
package import NIOCore
internal import NIOPosix

/// One client connection over a socket. `perform` runs code on its event loop, where the connection and its calls live.
package final class ClientTransport: Sendable {
  private let channel: any Channel
  private let parts: NIOLoopBound<Parts>

  /// What lives on the connection's event loop.
  struct Parts {
    let connection: GRPCClientConnection
    let handler: ConnectionHandler

    init(_ configuration: GRPCClientConfiguration) {
      let clock = SystemClock()
      connection = GRPCClientConnection(configuration: configuration, now: clock.monotonicNow)
      handler = ConnectionHandler(connection, side: ConnectionSide(), clock: clock)
    }
  }

  private init(channel: any Channel, parts: Parts) {
    self.channel = channel
    self.parts = NIOLoopBound(parts, eventLoop: channel.eventLoop)
  }

  package static func connect(
    host: String, port: Int, group: any EventLoopGroup,
    configuration: GRPCClientConfiguration = GRPCClientConfiguration()
  ) async throws -> ClientTransport {
    var configuration = configuration
    configuration.authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    let named = configuration
    return try await ClientBootstrap(group: group)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(
        .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 4_096, initial: 65_536, maximum: 262_144)
      )
      .connectTimeout(.seconds(10))
      .connect(host: host, port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          let parts = Parts(named)
          try channel.pipeline.syncOperations.addHandler(parts.handler)
          return ClientTransport(channel: channel, parts: parts)
        }
      }
  }

  package var eventLoop: any EventLoop { channel.eventLoop }

  /// Runs `body` on the connection's event loop.
  package func perform(_ body: @escaping @Sendable (GRPCClientConnection) -> Void) {
    let parts = parts
    channel.eventLoop.execute { body(parts.value.connection) }
  }

  /// Hands what has been sent so far to the socket's queue, so that it shares no frame with what follows. On the event loop only.
  package func flushOnLoop() { parts.value.handler.writeOut(flushing: false) }

  /// Done when the socket is closed, whoever closed it.
  package var closed: EventLoopFuture<Void> { channel.closeFuture }

  package func close() async { try? await channel.close().get() }
}
