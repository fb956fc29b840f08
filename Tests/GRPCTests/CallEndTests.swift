import GRPC
import HTTP2
import MarketData
import TestKit
import Testing

/// Deadlines, cancellation both ways, lost connections, drain and keepalive.
@Suite struct CallEndTests {
  let recorder = CallRecorder()

  @Test func aDeadlineEndsTheCallOnBothSides() {
    let pair = ConnectionPair(recorder)
    let client = RecordingClient()
    let call = pair.client.start("/a.B/C", deadline: MonotonicNanos(5_000_000), handler: client)
    call.send([1])
    pair.pump()
    #expect(recorder.heads[0].deadline == MonotonicNanos(5_000_000))
    #expect(pair.server.nextDeadline == MonotonicNanos(5_000_000))
    pair.advance(by: 4_999_999)
    #expect(recorder.handlers[0].ends.isEmpty && client.ends.isEmpty)
    pair.advance(by: 1)
    #expect(recorder.handlers[0].ends == [.deadlineExceeded])
    #expect(client.status?.code == .deadlineExceeded)
    pair.pump()
    #expect(client.ends.count == 1)
    #expect(pair.server.openCalls == 0 && pair.server.nextDeadline == nil)
  }

  @Test func aClientWithAFullWindowStillHearsOfItsDeadline() {
    let peer = ScriptedPeer(recorder)
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C", [("grpc-timeout", "1m")])))
    recorder.handlers[0].call.send([UInt8](repeating: 0, count: 200_000))  // the peer's window is 65,535
    peer.listen()
    #expect(recorder.handlers[0].call.queuedBytes > 100_000)
    peer.now = MonotonicNanos(1_000_000)
    peer.server.advance(to: peer.now)
    peer.listen()
    #expect(peer.status(1) == 4)
    #expect(peer.resetCode(1) == 0)
    #expect(peer.server.queuedBytes == 0)
  }

  @Test func callsEndInTheOrderOfTheirDeadlines() {
    let pair = ConnectionPair(recorder)
    let clients = (0..<200).map { _ in RecordingClient() }
    for (index, client) in clients.enumerated() {
      pair.client.start("/a.B/C", deadline: MonotonicNanos(Int64((index * 37) % 200 + 1) * 1_000), handler: client)
    }
    pair.pump()
    for moment in 1...200 {
      pair.advance(by: 1_000)
      #expect(recorder.handlers.count { !$0.ends.isEmpty } == moment)
      #expect(clients.count { !$0.ends.isEmpty } == moment)
    }
  }

  @Test func endedCallsDoNotPileUpBeforeTheirDeadlines() {
    recorder.prepare = { $0.call.finish(.ok) }
    let pair = ConnectionPair(recorder)
    for _ in 0..<1_000 {
      pair.client.start("/a.B/C", deadline: MonotonicNanos(1 << 50), handler: RecordingClient()).halfClose()
      pair.pump()
    }
    pair.advance(by: 1 << 51)
    #expect(pair.server.nextDeadline == nil)
  }

  @Test func aClientThatCancelsIsHeardOnceAndNothingIsSentAnyMore() {
    let pair = ConnectionPair(recorder)
    let client = RecordingClient()
    let call = pair.client.start("/a.B/C", handler: client)
    call.send([1])
    pair.pump()
    call.cancel()
    #expect(client.status?.code == .cancelled)
    pair.pump()
    let handler = recorder.handlers[0]
    #expect(handler.ends == [.cancelled])
    handler.call.send([1])
    handler.call.finish(.ok)
    handler.call.resumeReceiving()
    #expect(!handler.call.isActive && !handler.call.isWritable)
    pair.pump()
    #expect(client.ends.count == 1 && client.messages.isEmpty && handler.ends.count == 1)
  }

  @Test func aServerThatFinishesEarlyResetsTheStreamWithoutError() {
    let peer = ScriptedPeer(recorder)
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")))
    recorder.handlers[0].call.finish(Status(.aborted, "enough"), trailers: ["k": "v"])
    peer.listen()
    #expect(peer.status(1) == 10 && peer.message(1) == "enough" && peer.headers(1)[0]["k"] == "v")
    #expect(peer.resetCode(1) == 0)
    #expect(recorder.handlers[0].ends.isEmpty)
  }

  @Test func aLostConnectionTellsEveryCallOnBothSides() {
    let pair = ConnectionPair(recorder)
    let clients = (0..<3).map { _ in RecordingClient() }
    for client in clients { pair.client.start("/a.B/C", handler: client) }
    pair.pump()
    pair.server.connectionLost()
    pair.client.connectionLost()
    pair.client.connectionLost()
    #expect(recorder.handlers.allSatisfy { $0.ends == [.connectionLost] })
    #expect(clients.allSatisfy { $0.status?.code == .unavailable && $0.ends.count == 1 })
    #expect(pair.server.wantsToClose && pair.client.wantsToClose)
    let late = RecordingClient()
    pair.client.start("/a.B/C", handler: late)
    #expect(late.status?.code == .unavailable)
  }

  @Test func aHandlerMayLoseTheConnectionInTheMiddleOfItsMessage() {
    let peer = ScriptedPeer(recorder)
    recorder.prepare = { $0.whenMessage = { _, _ in peer.server.connectionLost() } }
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")), .data(1, framed([1]) + framed([2])))
    #expect(recorder.handlers[0].ends == [.connectionLost])
    #expect(peer.server.wantsToClose)
  }

  @Test func callsThatOutliveTheirConnectionDoNothing() {
    var peer: ScriptedPeer? = ScriptedPeer(recorder)
    peer?.send(.headers(1, ScriptedPeer.request("/a.B/C")))
    peer = nil
    let call = recorder.handlers[0].call
    call.send([1])
    call.finish(.ok)
    #expect(!call.isActive && call.queuedBytes == 0)
  }

  @Test func drainingSaysGOAWAYServesWhatIsOpenAndThenCloses() {
    let peer = ScriptedPeer(recorder)
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")))
    peer.server.beginDrain()
    peer.server.beginDrain()
    peer.listen()
    #expect(peer.heard.count { $0.kind == Frame.Kind.goAway } == 1)
    #expect(peer.goAwayCode == 0)
    #expect(!peer.server.wantsToClose)
    peer.send(.headers(3, ScriptedPeer.request("/a.B/C")))
    #expect(recorder.handlers.count == 1)
    peer.send(.data(1, framed([5])))
    #expect(recorder.handlers[0].messages == [[5]])
    recorder.handlers[0].call.finish(Status(.unavailable, "draining"))
    #expect(!peer.server.wantsToClose)
    peer.listen()
    #expect(peer.status(1) == 14)
    #expect(peer.server.wantsToClose)
  }

  @Test func anIdleConnectionClosesAtOnceWhenDrained() {
    let peer = ScriptedPeer(recorder)
    peer.server.beginDrain()
    peer.listen()
    #expect(peer.server.wantsToClose)
  }

  @Test func aClientHearsThatItsServerLeavesAndEndsItsOpenCallInPeace() {
    recorder.prepare = { $0.whenHalfClosed = { $0.call.finish(.ok) } }
    let pair = ConnectionPair(recorder)
    let client = RecordingClient()
    let call = pair.client.start("/a.B/C", handler: client)
    pair.pump()
    pair.server.beginDrain()
    pair.pump()
    #expect(pair.client.serverIsLeaving)
    let late = RecordingClient()
    pair.client.start("/a.B/C", handler: late)
    #expect(late.status?.code == .unavailable)
    call.halfClose()
    pair.pump()
    #expect(client.status == .ok)
    #expect(pair.server.wantsToClose && pair.client.wantsToClose)
  }

  @Test func aSilentPeerIsAskedAndThenGivenUp() {
    var configuration = GRPCServerConfiguration()
    configuration.keepaliveIntervalNanos = 1_000
    configuration.keepaliveTimeoutNanos = 100
    let peer = ScriptedPeer(recorder, configuration)
    #expect(peer.server.nextDeadline == MonotonicNanos(1_000))
    peer.server.advance(to: MonotonicNanos(1_000))
    #expect(peer.listen().map(\.kind) == [Frame.Kind.ping])
    peer.now = MonotonicNanos(1_050)
    peer.send(Frame(Frame.Kind.ping, flags: Frame.Flag.ack, [UInt8](repeating: 0, count: 8)))
    #expect(peer.server.nextDeadline == MonotonicNanos(2_050))
    peer.server.advance(to: MonotonicNanos(2_050))
    #expect(peer.listen().map(\.kind) == [Frame.Kind.ping])
    peer.server.advance(to: MonotonicNanos(2_149))
    #expect(peer.server.ending == nil)
    peer.server.advance(to: MonotonicNanos(2_150))
    #expect(peer.server.ending?.reason == .keepalive && peer.server.wantsToClose)
  }

  @Test func outputThatArisesOutsideAReadIsAnnouncedOnce() {
    let peer = ScriptedPeer(recorder)
    var announced = 0
    peer.server.onOutputReady = { announced += 1 }
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")))
    #expect(announced == 0)
    recorder.handlers[0].call.send([1])
    recorder.handlers[0].call.send([2])
    #expect(announced == 1)
    peer.listen()
    recorder.handlers[0].call.finish(.ok)
    #expect(announced == 2)
  }
}
