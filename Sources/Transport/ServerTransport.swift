package import GRPC
internal import MarketData
package import NIOCore
package import NIOPosix
package import Synchronization

/// What a listener is made of.
package struct ServerTransportConfiguration: Sendable {
  package var host: String
  /// 0 = any free port.
  package var port: Int
  package var maxConnections: Int
  package var grpc: GRPCServerConfiguration

  package init(host: String, port: Int, maxConnections: Int = 10_000, grpc: GRPCServerConfiguration) {
    self.host = host
    self.port = port
    self.maxConnections = maxConnections
    self.grpc = grpc
  }
}

/// Why a listener could not be opened.
package enum ListenError: Error, CustomStringConvertible {
  case portInUse(host: String, port: Int)
  case cannotListen(host: String, port: Int, reason: String)

  package var description: String {
    switch self {
    case .portInUse(let host, let port):
      "\(host):\(port) is in use by another process; choose another with --listen, or port 0 for any free one"
    case .cannotListen(let host, let port, let reason): "cannot listen on \(host):\(port): \(reason)"
    }
  }
}

/// The listener and its connections, over SwiftNIO.
///
/// Everything of a connection happens on its event loop, and each loop has one dispatcher, made on that loop.
package final class ServerTransport: Sendable {
  package let meters = TransportMeters()
  private let group: MultiThreadedEventLoopGroup
  private let configuration: ServerTransportConfiguration
  private let listener = Mutex<(any Channel)?>(nil)
  private let connections = Mutex<[ObjectIdentifier: (channel: any Channel, record: ConnectionRecord)]>([:])
  private let connectionNumber = Atomic<UInt64>(0)
  private let dispatchers: LoopDispatchers

  /// - Parameter makeDispatcher: called once for each loop, on it, with the loop's index.
  package init(
    configuration: ServerTransportConfiguration, group: MultiThreadedEventLoopGroup,
    makeDispatcher: @escaping @Sendable (Int, any EventLoop) -> any CallDispatcher
  ) {
    self.configuration = configuration
    self.group = group
    dispatchers = LoopDispatchers(loops: Array(group.makeIterator()), make: makeDispatcher)
  }

  /// Opens the listener; returns the port.
  package func start() async throws -> Int {
    try await dispatchers.prepare()
    let configuration = configuration
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1_024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.maxMessagesPerRead, value: 4)
      .childChannelOption(
        .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 4_096, initial: 65_536, maximum: 262_144)
      )
      .childChannelInitializer { channel in self.adopt(channel) }
    do {
      let channel = try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
      listener.withLock { $0 = channel }
      return channel.localAddress?.port ?? configuration.port
    } catch let error as IOError where error.errnoCode == EADDRINUSE {
      throw ListenError.portInUse(host: configuration.host, port: configuration.port)
    } catch {
      throw ListenError.cannotListen(host: configuration.host, port: configuration.port, reason: "\(error)")
    }
  }

  private func adopt(_ channel: any Channel) -> EventLoopFuture<Void> {
    let limit = configuration.maxConnections
    let record = ConnectionRecord(
      id: connectionNumber.wrappingAdd(1, ordering: .relaxed).newValue,
      peer: channel.remoteAddress.map { "\($0)" } ?? "")
    let isRoom = connections.withLock { connections in
      guard connections.count < limit else { return false }
      connections[ObjectIdentifier(channel)] = (channel, record)
      return true
    }
    guard isRoom else {
      meters.refused.wrappingAdd(1, ordering: .relaxed)
      return channel.close()
    }
    let id = ObjectIdentifier(channel)
    channel.closeFuture.whenComplete { _ in self.connections.withLock { $0[id] = nil } }
    let configuration = configuration.grpc
    let meters = meters
    return channel.eventLoop.makeCompletedFuture {
      let handler = Self.makeHandler(
        configuration, dispatchers.dispatcher(of: channel.eventLoop), record: record, meters: meters)
      try channel.pipeline.syncOperations.addHandler(handler)
    }
  }

  static func makeHandler(
    _ configuration: GRPCServerConfiguration, _ dispatcher: any CallDispatcher, record: ConnectionRecord,
    meters: TransportMeters
  ) -> ConnectionHandler {
    let clock = SystemClock()
    let connection = GRPCServerConnection(
      configuration: configuration, dispatcher: dispatcher, peer: record.peer, now: clock.monotonicNow)
    return ConnectionHandler(connection, side: ServerSide(record: record, meters: meters), clock: clock)
  }

  /// The connections that are open now.
  package var records: [ConnectionRecord] { connections.withLock { $0.values.map(\.record) } }

  /// Closes a connection.
  /// - Returns: false where there is none of the number.
  package func disconnect(_ id: UInt64) -> Bool {
    guard let channel = connections.withLock({ $0.values.first { $0.record.id == id }?.channel }) else { return false }
    channel.close(promise: nil)
    return true
  }

  package var connectionCount: Int { connections.withLock { $0.count } }

  /// Tells every client to open no more calls on its connection (GOAWAY). New connections are still taken: who asks for the server's health
  /// shall hear that it is going, not that there is none.
  package func beginDrain() {
    for channel in connections.withLock({ $0.values.map(\.channel) }) {
      channel.pipeline.fireUserInboundEventTriggered(BeginDrain())
    }
  }

  /// Closes the listener, and what is still open: clients have `timeout` to read what was written last.
  package func close(within timeout: TimeAmount = .seconds(1)) async {
    let listener = listener.withLock { listener in
      defer { listener = nil }
      return listener
    }
    try? await listener?.close().get()
    beginDrain()
    let channels = connections.withLock { $0.values.map(\.channel) }
    for channel in channels {
      channel.pipeline.fireUserInboundEventTriggered(Finish(timeout: timeout))
    }
    for channel in channels { try? await channel.closeFuture.get() }
  }
}

/// What all connections count.
package final class TransportMeters: Sendable {
  package let bytesIn = Atomic<UInt64>(0)
  package let bytesOut = Atomic<UInt64>(0)
  package let openCalls = Atomic<Int>(0)
  /// Connections closed at once, since `maxConnections` were open.
  package let refused = Atomic<UInt64>(0)
  /// Connections ended for a flood of frames.
  package let flooded = Atomic<UInt64>(0)

  package init() {}
}
