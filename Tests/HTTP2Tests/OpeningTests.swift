import GRPC
import HTTP2
import MarketData
import TestKit
import Testing

/// The first bytes of a connection, as a server without TLS hears them.
@Suite struct OpeningTests {
  let recorder = CallRecorder()

  func peer() -> ScriptedPeer { ScriptedPeer(recorder, greets: false) }

  func answer(_ peer: ScriptedPeer) -> [UInt8] {
    var bytes: [UInt8] = []
    while peer.server.takeOutput(into: &bytes) {}
    return bytes
  }

  @Test func nothingIsSaidBeforeThePreface() {
    let peer = peer()
    #expect(answer(peer).isEmpty)
    for byte in Frame.preface.dropLast() {
      peer.send(bytes: [byte])
      #expect(answer(peer).isEmpty && !peer.server.wantsToClose)
    }
    peer.send(bytes: [Frame.preface.last ?? 0])
    #expect(peer.listen().map(\.kind) == [Frame.Kind.settings, Frame.Kind.windowUpdate])
  }

  /// Whatever comes first, and however it is cut, a call behind it is served, and everything is answered once.
  @Test(
    arguments: [
      [Frame.settings()], [.settings([(1, 4_096), (3, 100), (4, 65_535)]), .windowUpdate(0, 1_000)],
      [.settings(), .settingsAck, .ping(7)], [.settings(), .settings(), .windowUpdate(0, 5), .windowUpdate(0, 6)],
      [.settings(), Frame(Frame.Kind.ping, flags: Frame.Flag.ack, Array(repeating: 0, count: 8))],
      [Frame.settings([(6, 1)])] + (0..<80).map { _ in .settings() },
    ], [1, 5, 1 << 20])
  func aCallBehindTheOpeningIsServed(opening: [Frame], piece: Int) {
    let peer = peer()
    let frames = opening + [.headers(1, ScriptedPeer.request("/a.B/C")), .data(1, framed([1, 2]))]
    let bytes = Frame.preface + frames.flatMap(\.bytes)
    for start in stride(from: 0, to: bytes.count, by: piece) {
      peer.send(bytes: Array(bytes[start..<min(start + piece, bytes.count)]))
      peer.listen()
    }
    #expect(recorder.handlers.count == 1 && recorder.handlers.first?.messages == [[1, 2]])
    #expect(peer.server.ending == nil)
    let settings = opening.count { $0.kind == Frame.Kind.settings && $0.flags == 0 }
    #expect(peer.heard.count { $0.kind == Frame.Kind.settings && $0.flags == Frame.Flag.ack } == settings)
    #expect(peer.heard.count { $0.kind == Frame.Kind.settings && $0.flags == 0 } == 1)
    let pings = opening.count { $0.kind == Frame.Kind.ping && $0.flags == 0 }
    #expect(peer.heard.count { $0.kind == Frame.Kind.ping } == pings)
    #expect(peer.heard.count { $0.kind == Frame.Kind.windowUpdate && $0.stream == 0 } == 1)
  }

  /// What a client's settings allow holds for the calls that follow, though nghttp2 heard of them late.
  @Test func theWindowOfTheOpeningHolds() {
    let peer = peer()
    peer.send(bytes: Frame.preface + Frame.settings([(4, 10)]).bytes + Frame.settingsAck.bytes)
    peer.listen()
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")))
    recorder.handlers[0].call.send([UInt8](repeating: 1, count: 100))
    #expect(peer.listen().filter { $0.kind == Frame.Kind.data }.map(\.payload.count) == [10])
  }

  @Test(arguments: [
    ([Frame.ping()], EndReason.protocolError), ([.headers(1, [])], .protocolError),
    ([.settings([(2, 2)])], .protocolError), ([.settings([(5, 1)])], .protocolError),
    ([.settings([(4, 1 << 31)])], .protocolError), ([.settings(), .windowUpdate(0, 0)], .protocolError),
    ([.settings(), .windowUpdate(0, 0x7FFF_FFFF)], .protocolError),
    ([.settings(), Frame(Frame.Kind.settings, [1, 2, 3])], .protocolError),
  ])
  func whatBreaksTheRulesIsToldAtOnce(frames: [Frame], reason: EndReason) {
    let peer = peer()
    peer.send(bytes: Frame.preface + frames.flatMap(\.bytes))
    peer.listen()
    #expect(peer.server.ending?.reason == reason && peer.server.wantsToClose)
    #expect(peer.heard.last?.kind == Frame.Kind.goAway && peer.goAwayText?.isEmpty == false)
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 426), ("POST /a HTTP/1.0\r\n\r\n", 505), ("PRI * HTTP/1.1\r\n", 426),
    ("GET /\r\n", 400), ("DELETE \n", 400), ("GET /" + String(repeating: "a", count: 600), 400),
  ])
  func anHTTP1ClientIsToldWhatIsSpokenHere(request: String, code: Int) {
    let peer = peer()
    peer.send(bytes: Array(request.utf8))
    let text = String(decoding: answer(peer), as: UTF8.self)
    #expect(text.hasPrefix("HTTP/1.1 \(code) "))
    #expect(text.contains("gRPC over HTTP/2") && text.contains("close"))
    #expect(peer.server.ending?.reason == .http1 && peer.server.wantsToClose)
    peer.send(bytes: [1, 2, 3])
    #expect(answer(peer).isEmpty)
  }

  @Test(arguments: [
    ([0x16, 0x03, 0x01, 0x02, 0x00], EndReason.tls), ([0, 1, 2], .notHTTP2), (Array("get / HTTP/1.1".utf8), .notHTTP2),
    (Array("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".utf8), .notHTTP2), (Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8), .notHTTP2),
  ])
  func whatIsNoHTTPGetsNoByte(bytes: [UInt8], reason: EndReason) {
    let peer = peer()
    peer.send(bytes: bytes)
    #expect(answer(peer).isEmpty)
    #expect(peer.server.ending?.reason == reason && peer.server.wantsToClose)
  }

  @Test func aDrainBeforeThePrefaceIsToldBehindIt() {
    let peer = peer()
    peer.server.beginDrain()
    #expect(answer(peer).isEmpty && !peer.server.wantsToClose)
    peer.send(bytes: Frame.preface + Frame.settings().bytes)
    #expect(peer.listen().contains { $0.kind == Frame.Kind.goAway && $0.payload.suffix(4) == [0, 0, 0, 0] })
    #expect(peer.server.wantsToClose)
  }

  @Test func aDrainOfAnIdleConnectionIsToldAtOnce() {
    let peer = peer()
    peer.send(bytes: Frame.preface + Frame.settings().bytes + Frame.settingsAck.bytes)
    peer.listen()
    peer.server.beginDrain()
    #expect(peer.listen().map(\.kind) == [Frame.Kind.goAway])
    #expect(peer.server.wantsToClose && peer.server.ending == nil)
  }

  @Test func keepaliveAsksAnIdleConnection() {
    var configuration = GRPCServerConfiguration()
    configuration.keepaliveIntervalNanos = 1_000
    configuration.keepaliveTimeoutNanos = 500
    let peer = ScriptedPeer(recorder, configuration, greets: false)
    peer.send(bytes: Frame.preface + Frame.settings().bytes + Frame.settingsAck.bytes)
    peer.listen()
    for round in 1...40 {
      peer.now = MonotonicNanos(Int64(round) * 1_000)
      peer.server.advance(to: peer.now)
      #expect(peer.listen().map(\.kind) == [Frame.Kind.ping])
      peer.send(Frame(Frame.Kind.ping, flags: Frame.Flag.ack, Array(repeating: 0, count: 8)))
    }
    peer.server.advance(to: MonotonicNanos(41_000))
    peer.server.advance(to: MonotonicNanos(41_500))
    #expect(peer.server.ending?.reason == .keepalive && peer.server.wantsToClose)
  }
}
