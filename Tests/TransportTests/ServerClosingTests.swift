import GRPC
import HTTP2
import NIOCore
import NIOEmbedded
import Synchronization
import TestKit
import Testing

@testable import Transport

/// A server that is done shuts its side, and closes on its client's word.
@Suite struct ServerClosingTests {
  private final class Fixture {
    let socket = SlowSocket()
    let recorder = CallRecorder()
    let meters = TransportMeters()
    let channel: EmbeddedChannel

    init() throws {
      channel = EmbeddedChannel(handlers: [
        socket,
        ServerTransport.makeHandler(
          GRPCServerConfiguration(), LoopParts(dispatcher: recorder, readBuffer: ReadBuffer()),
          record: ConnectionRecord(id: 1, peer: "test"), meters: meters),
      ])
      try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
      let hello = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + Frame.settings().bytes
      try send(hello + Frame.headers(1, ScriptedPeer.request("/a.B/C")).bytes)
      #expect(recorder.handlers.count == 1)
    }

    func send(_ bytes: [UInt8]) throws {
      try channel.writeInbound(ByteBuffer(bytes: bytes))
      channel.embeddedEventLoop.run()
    }

    func takeAll() {
      socket.takeAll()
      channel.embeddedEventLoop.run()
    }

    func finish(within timeout: TimeAmount) {
      channel.pipeline.fireUserInboundEventTriggered(Finish(timeout: timeout))
      channel.embeddedEventLoop.run()
    }

    func expectClosing(after milliseconds: Int64) {
      channel.embeddedEventLoop.advanceTime(by: .milliseconds(milliseconds - 1))
      #expect(!socket.isClosed)
      channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
      #expect(socket.isClosed)
    }
  }

  private let flood = (0..<1_100).flatMap { Frame.ping($0).bytes }

  @Test func itShutsItsSideBehindItsLastWritesAndThrowsAwayWhatStillComes() throws {
    let fixture = try Fixture()
    fixture.finish(within: .seconds(1))
    #expect(!fixture.socket.isShut)
    fixture.takeAll()
    #expect(fixture.socket.isShut && !fixture.socket.isClosed)
    let bytes = fixture.meters.bytesIn.load(ordering: .relaxed)
    try fixture.send(Frame.ping().bytes)
    #expect(fixture.meters.bytesIn.load(ordering: .relaxed) == bytes)
    fixture.expectClosing(after: 1_000)
  }

  @Test func aFloodIsCountedOnceAndItsCallsAreToldAtOnce() throws {
    let fixture = try Fixture()
    try fixture.send(flood)
    try fixture.send(flood)
    #expect(fixture.meters.ended.all.map(\.reason) == [.controlFrames])
    #expect(fixture.meters.ended.all.first?.count == 1)
    #expect(fixture.recorder.handlers[0].ends.count == 1)
    #expect(fixture.meters.openCalls.load(ordering: .relaxed) == 0)
    fixture.takeAll()
    #expect(fixture.socket.isShut && !fixture.socket.isClosed)
  }

  @Test func aClientThatReadsNothingAndStaysIsClosedAfterAWhile() throws {
    let fixture = try Fixture()
    try fixture.send(flood)
    fixture.expectClosing(after: 5_000)
  }

  @Test func goingEndsALongerWait() throws {
    let fixture = try Fixture()
    try fixture.send(flood)
    fixture.finish(within: .milliseconds(100))
    fixture.expectClosing(after: 100)
  }
}
