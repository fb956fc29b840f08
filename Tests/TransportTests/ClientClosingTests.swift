import GRPC
import NIOCore
import NIOEmbedded
import TestKit
import Testing

@testable import Transport

/// A client that is done closes behind what the socket has not taken yet.
@Suite struct ClientClosingTests {
  /// A socket that takes nothing until it is told to, and notes when it is closed.
  private final class SlowSocket: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private var waiting: [EventLoopPromise<Void>] = []
    private(set) var isClosed = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
      waiting.append(promise ?? context.eventLoop.makePromise())
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
      isClosed = true
      // What waits is dropped, as NIO does it.
      for promise in waiting { promise.fail(ChannelError.ioOnClosedChannel) }
      waiting.removeAll()
      context.close(mode: mode, promise: promise)
    }

    func takeAll() {
      let taken = waiting
      waiting.removeAll()
      for promise in taken { promise.succeed() }
    }
  }

  private func client() throws -> (EmbeddedChannel, SlowSocket) {
    let socket = SlowSocket()
    let channel = EmbeddedChannel(handlers: [
      socket, ClientConnectionHandler(configuration: GRPCClientConfiguration()),
    ])
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
    return (channel, socket)
  }

  /// GOAWAY without open calls: nothing is left to read, and the answer to SETTINGS is the last thing to write.
  private let farewell = ByteBuffer(bytes: Frame.settings().bytes + Frame.goAway(last: 0).bytes)

  @Test func itWaitsForItsLastWrites() throws {
    let (channel, socket) = try client()
    try channel.writeInbound(farewell)
    channel.embeddedEventLoop.run()
    #expect(!socket.isClosed)
    socket.takeAll()
    channel.embeddedEventLoop.run()
    #expect(socket.isClosed)
  }

  @Test func itWaitsSoLongForAServerThatReadsNothing() throws {
    let (channel, socket) = try client()
    try channel.writeInbound(farewell)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(4_999))
    #expect(!socket.isClosed)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(socket.isClosed)
  }
}
