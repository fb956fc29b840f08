package import GRPC
internal import HTTP2
internal import MarketData
package import NIOCore
internal import NIOPosix

/// One client connection over a socket. `perform` runs code on its event loop, where the connection and its calls live.
package final class ClientTransport: Sendable {
  private let channel: any Channel
  private let handler: NIOLoopBound<ClientConnectionHandler>

  private init(channel: any Channel, handler: NIOLoopBound<ClientConnectionHandler>) {
    self.channel = channel
    self.handler = handler
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
          let handler = ClientConnectionHandler(configuration: named)
          try channel.pipeline.syncOperations.addHandler(handler)
          return ClientTransport(channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
        }
      }
  }

  package var eventLoop: any EventLoop { channel.eventLoop }

  /// Runs `body` on the connection's event loop.
  package func perform(_ body: @escaping @Sendable (GRPCClientConnection) -> Void) {
    let handler = handler
    channel.eventLoop.execute { body(handler.value.connection) }
  }

  /// Hands what has been sent so far to the socket's queue, so that it shares no frame with what follows. On the event loop only.
  package func flushOnLoop() { handler.value.writeOut() }

  /// Done when the socket is closed, whoever closed it.
  package var closed: EventLoopFuture<Void> { channel.closeFuture }

  package func close() async { try? await channel.close().get() }
}

/// Joins one socket to one `GRPCClientConnection`.
final class ClientConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private static let writeBytes = 128 << 10
  /// A server that does not read what was written last waits so long for its end.
  private static let lastWriteTimeout = TimeAmount.seconds(5)

  let connection: GRPCClientConnection
  private let clock = SystemClock()
  private var context: ChannelHandlerContext?
  private var timer: Scheduled<Void>?
  private var timerDeadline: MonotonicNanos?
  private var isReading = false
  private var isClosing = false

  init(configuration: GRPCClientConfiguration) {
    connection = GRPCClientConnection(configuration: configuration, now: clock.monotonicNow)
    connection.onOutputReady = { [unowned self] in outputReady() }
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func channelActive(context: ChannelHandlerContext) { flush() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    isReading = true
    let buffer = unwrapInboundIn(data)
    connection.receive(buffer.readableBytesSpan, now: clock.monotonicNow)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    flush()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { flush() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    self.context = nil
    connection.connectionLost()
  }

  private func outputReady() {
    guard !isReading, let context else { return }
    context.eventLoop.assumeIsolated().execute { self.flush() }
  }

  /// Writes what there is; the socket is asked to send at the next `flush`.
  /// - Returns: whether all of it is written.
  @discardableResult
  func writeOut() -> Bool {
    guard let context, context.channel.isActive, !isClosing else { return false }
    while context.channel.isWritable {
      var buffer = context.channel.allocator.buffer(capacity: 4_096)
      let more = connection.takeOutput(upTo: Self.writeBytes) { bytes in
        bytes.withUnsafeBytes { _ = buffer.writeBytes($0) }
      }
      guard buffer.readableBytes > 0 else { return true }
      context.write(wrapOutboundOut(buffer), promise: nil)
      if !more { return true }
    }
    return false
  }

  private func flush() {
    guard let context, context.channel.isActive, !isClosing else { return }
    let isAllWritten = writeOut()
    context.flush()
    // A server that has said nothing for so long takes nothing either.
    if connection.fault == .keepaliveTimeout { return context.close(promise: nil) }
    // A full socket may keep us from seeing that all is written; the last timeout holds then, too.
    let isStuck = !context.channel.isWritable
    if connection.wantsToClose, isAllWritten || isStuck || connection.fault != nil { return closeBehindWrites(context) }
    guard let deadline = connection.nextDeadline else { return }
    if let timerDeadline, timerDeadline <= deadline { return }
    timer?.cancel()
    timerDeadline = deadline
    let wait = max(0, deadline.nanoseconds &- clock.monotonicNow.nanoseconds)
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(wait)) {
      self.timerDeadline = nil
      self.connection.advance(to: self.clock.monotonicNow)
      self.flush()
    }
  }

  private func closeBehindWrites(_ context: ChannelHandlerContext) {
    isClosing = true
    context.closeBehindWrites(.all, within: Self.lastWriteTimeout)
  }
}
