package import GRPC
internal import HTTP2
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
  package var maxConnectionsPerAddress: Int
  package var grpc: GRPCServerConfiguration

  package init(
    host: String, port: Int, maxConnections: Int = 10_000, maxConnectionsPerAddress: Int = 5_000,
    grpc: GRPCServerConfiguration
  ) {
    self.host = host
    self.port = port
    self.maxConnections = maxConnections
    self.maxConnectionsPerAddress = maxConnectionsPerAddress
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
  private let connections: Mutex<Connections>
  private let connectionNumber = Atomic<UInt64>(0)
  private let loopParts: LoopPartsTable

  private struct Connections {
    var places: ConnectionPlaces
    var open: [ObjectIdentifier: (channel: any Channel, record: ConnectionRecord)] = [:]
  }

  /// - Parameter makeDispatcher: called once for each loop, on it, with the loop's index.
  package init(
    configuration: ServerTransportConfiguration, group: MultiThreadedEventLoopGroup,
    makeDispatcher: @escaping @Sendable (Int, any EventLoop) -> any CallDispatcher
  ) {
    self.configuration = configuration
    self.group = group
    connections = Mutex(
      Connections(
        places: ConnectionPlaces(
          max: configuration.maxConnections, maxPerAddress: configuration.maxConnectionsPerAddress)))
    loopParts = LoopPartsTable(loops: Array(group.makeIterator()), make: makeDispatcher)
  }

  /// Opens the listener; returns the port.
  package func start() async throws -> Int {
    try await loopParts.prepare()
    let configuration = configuration
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1_024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      // Connections accepted in one turn of the loop: a storm of them must not keep the loop from its calls.
      .serverChannelOption(.maxMessagesPerRead, value: 4)
      // One read of the loop's buffer a turn, so that connections take turns, too: see `ReadBuffer`.
      .childChannelOption(.maxMessagesPerRead, value: 1)
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
    let remote = channel.remoteAddress
    let address = PeerAddress(remote)
    let record = ConnectionRecord(
      id: connectionNumber.wrappingAdd(1, ordering: .relaxed).newValue, peer: remote.map { "\($0)" } ?? "")
    let id = ObjectIdentifier(channel)
    let refusal = connections.withLock { connections in
      let refusal = connections.places.take(address)
      if refusal == nil { connections.open[id] = (channel, record) }
      return refusal
    }
    if let refusal {
      meters.ended.count(refusal, peer: record.peer)
      return channel.close()
    }
    channel.closeFuture.whenComplete { _ in
      self.connections.withLock { connections in
        connections.open[id] = nil
        connections.places.giveBack(address)
      }
    }
    let configuration = configuration.grpc
    let meters = meters
    return channel.eventLoop.makeCompletedFuture {
      let parts = loopParts.parts(of: channel.eventLoop)
      try channel.syncOptions?.setOption(.recvAllocator, value: ReadBuffer.Allocator(parts.readBuffer))
      let handler = Self.makeHandler(configuration, parts, record: record, meters: meters)
      try channel.pipeline.syncOperations.addHandler(handler)
    }
  }

  static func makeHandler(
    _ configuration: GRPCServerConfiguration, _ parts: LoopParts, record: ConnectionRecord, meters: TransportMeters
  ) -> ConnectionHandler {
    let clock = SystemClock()
    let connection = GRPCServerConnection(
      configuration: configuration, dispatcher: parts.dispatcher, peer: record.peer, now: clock.monotonicNow)
    let side = ServerSide(record: record, meters: meters, readBuffer: parts.readBuffer)
    return ConnectionHandler(connection, side: side, clock: clock)
  }

  /// The connections that are open now.
  package var records: [ConnectionRecord] { connections.withLock { $0.open.values.map(\.record) } }

  /// Closes a connection.
  /// - Returns: false where there is none of the number.
  package func disconnect(_ id: UInt64) -> Bool {
    guard let (channel, record) = connections.withLock({ $0.open.values.first { $0.record.id == id } }) else {
      return false
    }
    meters.ended.count(ConnectionEnd(.disconnected, "DisconnectSession"), peer: record.peer)
    channel.close(promise: nil)
    return true
  }

  package var connectionCount: Int { connections.withLock { $0.open.count } }

  /// Tells every client to open no more calls on its connection (GOAWAY). New connections are still taken: who asks for the server's health
  /// shall hear that it is going, not that there is none.
  package func beginDrain() {
    for channel in connections.withLock({ $0.open.values.map(\.channel) }) {
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
    let channels = connections.withLock { $0.open.values.map(\.channel) }
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
  /// Connections that the server ended or did not take.
  package let ended = EndedConnections()

  package init() {}
}
