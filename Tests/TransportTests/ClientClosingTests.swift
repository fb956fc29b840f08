import GRPC
import NIOCore
import NIOEmbedded
import TestKit
import Testing

@testable import Transport

/// A client that is done closes behind what the socket has not taken yet.
@Suite struct ClientClosingTests {
  private func client() throws -> (EmbeddedChannel, SlowSocket) {
    let socket = SlowSocket()
    let channel = EmbeddedChannel(handlers: [
      socket, ClientTransport.Parts(GRPCClientConfiguration()).handler,
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
