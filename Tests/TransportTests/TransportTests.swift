import GRPC
import NIOCore
import NIOPosix
import Synchronization
import Testing
import Transport

/// Server and client over real loopback sockets.
@Suite(.serialized) struct TransportTests {
  /// Sends each message back, twice in a `double` call.
  private final class Echo: CallHandler {
    private let call: ServerCall
    private let times: Int

    init(_ call: ServerCall, times: Int) {
      self.call = call
      self.times = times
    }

    override func onMessage(_ message: RawSpan) {
      for _ in 0..<times { call.send(message) }
    }

    override func onHalfClose() { call.finish(.ok) }
  }

  private final class Collector: ClientCallHandler {
    private let received: Received

    init(_ received: Received) { self.received = received }

    override func onMessage(_ message: RawSpan) {
      let bytes = (0..<message.byteCount).map { message.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
      received.change { $0.messages.append(bytes) }
    }

    override func onEnd(_ status: Status, trailers: Metadata) { received.change { $0.status = status } }
  }

  /// What came back, and a way to wait for the end.
  private final class Received: Sendable {
    struct Content {
      var messages: [[UInt8]] = []
      var status: Status?
    }

    private let content = Mutex(Content())
    private let ended: EventLoopPromise<Void>

    init(on loop: any EventLoop) { ended = loop.makePromise() }

    func change(_ body: (inout sending Content) -> Void) {
      let isOver = content.withLock { content in
        body(&content)
        return content.status != nil
      }
      if isOver { ended.succeed() }
    }

    func end() async throws -> Content {
      try await ended.futureResult.get()
      return content.withLock { $0 }
    }
  }

  private func withServer(
    maxConnections: Int = 100, _ body: (ServerTransport, Int, MultiThreadedEventLoopGroup) async throws -> Void
  ) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let server = ServerTransport(
      configuration: ServerTransportConfiguration(
        host: "127.0.0.1", port: 0, maxConnections: maxConnections, grpc: GRPCServerConfiguration()),
      group: group
    ) { _, _ in
      let table = MethodTable()
      table.register("/test/Echo") { _, call in Echo(call, times: 1) }
      table.register("/test/Double") { _, call in Echo(call, times: 2) }
      return table
    }
    let port = try await server.start()
    try await body(server, port, group)
    await server.close()
    try await group.shutdownGracefully()
  }

  private func call(
    _ path: String, _ messages: [[UInt8]], _ port: Int, _ group: MultiThreadedEventLoopGroup
  ) async throws -> Received.Content {
    let client = try await ClientTransport.connect(host: "127.0.0.1", port: port, group: group)
    let received = Received(on: client.eventLoop)
    client.perform { connection in
      let call = connection.start(path, handler: Collector(received))
      for message in messages { call.send(message) }
      call.halfClose()
    }
    let content = try await received.end()
    await client.close()
    return content
  }

  @Test func messagesGoThereAndBackInOrder() async throws {
    try await withServer { server, port, group in
      let messages = (0..<500).map { [UInt8](repeating: UInt8($0 % 256), count: $0 * 7) }
      let content = try await call("/test/Echo", messages, port, group)
      #expect(content.messages == messages)
      #expect(content.status == .ok)
      #expect(server.meters.bytesIn.load(ordering: .relaxed) > 800_000)
    }
  }

  @Test func moreThanTheSocketTakesIsWrittenWhenItDoes() async throws {
    try await withServer { _, port, group in
      let messages = (0..<40).map { _ in [UInt8](repeating: 7, count: 300_000) }
      let content = try await call("/test/Double", messages, port, group)
      #expect(content.messages.count == 80)
      #expect(content.messages.allSatisfy { $0.count == 300_000 })
    }
  }

  @Test func manyCallsShareAConnection() async throws {
    try await withServer { _, port, group in
      let client = try await ClientTransport.connect(host: "127.0.0.1", port: port, group: group)
      let calls = (0..<900).map { _ in Received(on: client.eventLoop) }
      for (index, received) in calls.enumerated() {
        client.perform { connection in
          let call = connection.start("/test/Echo", handler: Collector(received))
          call.send([UInt8(index % 256)])
          call.halfClose()
        }
      }
      for (index, received) in calls.enumerated() {
        let messages = try await received.end().messages
        #expect(messages == [[UInt8(index % 256)]])
      }
      await client.close()
    }
  }

  @Test func unknownMethodsAreUnimplemented() async throws {
    try await withServer { _, port, group in
      let code = try await call("/test/Nothing", [], port, group).status?.code
      #expect(code == .unimplemented)
    }
  }

  @Test func aPortInUseIsTold() async throws {
    try await withServer { _, port, group in
      let second = ServerTransport(
        configuration: ServerTransportConfiguration(host: "127.0.0.1", port: port, grpc: GRPCServerConfiguration()),
        group: group
      ) { _, _ in MethodTable() }
      await #expect { try await second.start() } throws: { error in
        guard case ListenError.portInUse(_, port) = error else { return false }
        return "\(error)".contains("in use")
      }
    }
  }

  @Test func connectionsBeyondTheLimitAreClosed() async throws {
    try await withServer(maxConnections: 1) { server, port, group in
      let first = try await ClientTransport.connect(host: "127.0.0.1", port: port, group: group)
      let received = Received(on: first.eventLoop)
      first.perform { connection in
        let call = connection.start("/test/Echo", handler: Collector(received))
        call.send([1])
        call.halfClose()
      }
      let messages = try await received.end().messages
      #expect(messages == [[1]])
      let code = try await call("/test/Echo", [[1]], port, group).status?.code
      #expect(code != .ok)
      #expect(server.connectionCount == 1)
      await first.close()
    }
  }

  @Test func aDrainingServerTellsItsClientsToLeave() async throws {
    try await withServer { server, port, group in
      let client = try await ClientTransport.connect(host: "127.0.0.1", port: port, group: group)
      let received = Received(on: client.eventLoop)
      client.perform { connection in
        let call = connection.start("/test/Echo", handler: Collector(received))
        call.send([1])
        call.halfClose()
      }
      _ = try await received.end()
      server.beginDrain()
      // GOAWAY without open calls: both sides close.
      try await client.closed.get()
    }
  }
}
