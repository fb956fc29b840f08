import GRPC
import HTTP2
import MarketData
import TestKit
import Testing

/// Peers that mean harm: each ends alone, and costs a bounded amount before it does.
@Suite struct AbuseTests {
  let recorder = CallRecorder()

  func opened() -> ScriptedPeer {
    let peer = ScriptedPeer(recorder)
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")))
    return peer
  }

  /// The connection ended with ENHANCE_YOUR_CALM and the call was told when the transport went.
  func expectCalm(_ peer: ScriptedPeer, _ reason: EndReason) {
    peer.listen()
    #expect(peer.goAwayCode == HTTP2ErrorCode.enhanceYourCalm.rawValue)
    #expect(peer.server.ending?.reason == reason && peer.goAwayText == peer.server.ending?.text)
    #expect(peer.server.wantsToClose)
    peer.server.connectionLost()
    #expect(recorder.handlers[0].ends.count == 1)
  }

  @Test func aPINGFloodEnds() {
    let peer = opened()
    for token in 0..<1_100 {
      peer.send(.ping(UInt64(token)))
      peer.listen()
    }
    expectCalm(peer, .controlFrames)
    #expect(peer.heard.count { $0.kind == Frame.Kind.ping } <= 1_001)
  }

  /// Go's and Java's clients send a PING behind nearly each DATA frame, to measure the way.
  @Test func aPINGForEachResponseIsNoFlood() {
    let peer = opened()
    recorder.handlers[0].call.sendInitialMetadata()
    for token in 0..<5_000 {
      recorder.handlers[0].call.send([1])
      peer.listen()
      peer.send(.ping(UInt64(token)))
      peer.listen()
    }
    #expect(!peer.server.wantsToClose)
    #expect(peer.heard.count { $0.kind == Frame.Kind.ping } == 5_000)
    for token in 0..<1_100 { peer.send(.ping(UInt64(token))) }
    expectCalm(peer, .controlFrames)
    #expect(peer.goAwayText == "too many PING, SETTINGS and PRIORITY frames: more than 1000 in 10 s")
  }

  @Test func aPINGFloodInOneReadEnds() {
    let peer = opened()
    peer.send(bytes: (0..<5_000).flatMap { Frame.ping($0).bytes })
    expectCalm(peer, .controlFrames)
  }

  /// Ours speaks before nghttp2's own limit of unsent answers, whatever was spent or earned before.
  @Test(arguments: [0, 2_000])
  func aBurstOfPINGsIsToldWhy(responses: Int) {
    let peer = opened()
    recorder.handlers[0].call.sendInitialMetadata()
    for _ in 0..<responses {
      recorder.handlers[0].call.send([1])
      peer.listen()
    }
    peer.now = MonotonicNanos(peer.now.nanoseconds + 60_000_000_000)
    peer.send(bytes: (0..<3_800).flatMap { Frame.ping($0).bytes })
    expectCalm(peer, .controlFrames)
  }

  @Test func aSETTINGSFloodEnds() {
    let peer = opened()
    for _ in 0..<1_100 {
      peer.send(.settings())
      peer.listen()
    }
    expectCalm(peer, .controlFrames)
  }

  @Test func aPRIORITYFloodEnds() {
    let peer = opened()
    for _ in 0..<1_100 { peer.send(Frame(Frame.Kind.priority, stream: 1, [0, 0, 0, 0, 7])) }
    expectCalm(peer, .controlFrames)
  }

  @Test(arguments: [false, true]) func anEmptyDATAFloodEnds(padded: Bool) {
    let peer = opened()
    let frame =
      padded
      ? Frame(Frame.Kind.data, flags: Frame.Flag.padded, stream: 1, [3, 0, 0, 0]) : .data(1, [])
    for _ in 0..<1_100 { peer.send(frame) }
    expectCalm(peer, .emptyDataFrames)
  }

  @Test func rapidResetsEnd() {
    let peer = opened()
    for index in 1..<12_000 {
      if peer.server.wantsToClose { break }
      let id = UInt32(index * 2 + 1)
      peer.send(.headers(id, ScriptedPeer.request("/a.B/C")), .reset(id, 8))
      peer.listen()
    }
    expectCalm(peer, .faultyFrames)
  }

  @Test func malformedHeadersWithoutEndEnd() {
    let peer = opened()
    for index in 1..<12_000 {
      if peer.server.wantsToClose { break }
      peer.send(.headers(UInt32(index * 2 + 1), [("UPPER", "case")]))
      peer.listen()
    }
    expectCalm(peer, .faultyFrames)
  }

  @Test func whatIsSpentIsForgivenWhenTheIntervalHasPassed() {
    let peer = opened()
    for round in 0..<5 {
      for _ in 0..<900 {
        peer.send(.ping())
        peer.listen()
      }
      peer.now = MonotonicNanos(Int64(round + 1) * 10_000_000_000)
    }
    #expect(!peer.server.wantsToClose)
  }

  /// Opens 1,000 streams where 10 are allowed.
  func crowd(acknowledgesSettings: Bool) -> ScriptedPeer {
    var configuration = GRPCServerConfiguration()
    configuration.http2.maxConcurrentStreams = 10
    let peer = ScriptedPeer(recorder, configuration, greets: false)
    peer.send(bytes: Frame.preface + Frame.settings().bytes)
    peer.listen()
    if acknowledgesSettings { peer.send(.settingsAck) }
    for index in 0..<1_000 { peer.send(.headers(UInt32(index * 2 + 1), ScriptedPeer.request("/a.B/C"))) }
    peer.listen()
    #expect(recorder.handlers.count == 10)
    return peer
  }

  @Test func streamsBeyondALimitThatThePeerMayNotKnowAreRefusedAndTheOthersGoOn() {
    let peer = crowd(acknowledgesSettings: false)
    let refused = HTTP2ErrorCode.refusedStream.rawValue
    #expect(peer.heard.count { $0.kind == Frame.Kind.reset && $0.number == refused } == 990)
    peer.send(.data(1, framed([1])))
    #expect(recorder.handlers[0].messages == [[1]])
    #expect(!peer.server.wantsToClose)
  }

  @Test func streamsBeyondALimitThatThePeerAcknowledgedEndItsConnection() {
    let peer = crowd(acknowledgesSettings: true)
    #expect(peer.goAwayCode == HTTP2ErrorCode.protocolError.rawValue)
    #expect(peer.server.wantsToClose)
  }

  @Test func aPeerThatNeverReadsCannotMakeUsQueueAnswersWithoutEnd() {
    let peer = opened()
    peer.send(bytes: (0..<100_000).flatMap { _ in Frame.ping().bytes })
    var output: [UInt8] = []
    while peer.server.takeOutput(into: &output) {}
    #expect(output.count < 100_000)
    #expect(peer.server.wantsToClose)
  }

  @Test func bytesThatAreNoHTTP2End() {
    let peer = ScriptedPeer(recorder, greets: false)
    peer.send(bytes: Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
    #expect(peer.server.ending?.reason == .http1)
    peer.listen()
    #expect(peer.server.wantsToClose)
    peer.send(bytes: [1, 2, 3])
    #expect(peer.listen().isEmpty)
  }

  @Test func brokenFramesEndTheConnectionWithTheirReason() {
    let peer = opened()
    peer.send(Frame(Frame.Kind.windowUpdate, stream: 0, [0, 0]))
    peer.listen()
    #expect(peer.goAwayCode == HTTP2ErrorCode.frameSizeError.rawValue)
    #expect(peer.server.wantsToClose)
  }

  @Test func aFrameAboveTheAnnouncedSizeEndsTheConnection() {
    let peer = opened()
    peer.send(.data(1, [UInt8](repeating: 0, count: 64 << 10 + 1)))
    peer.listen()
    #expect(peer.goAwayCode == HTTP2ErrorCode.frameSizeError.rawValue)
  }

  @Test func brokenHeaderCompressionEndsTheConnection() {
    let peer = opened()
    peer.send(Frame(Frame.Kind.headers, flags: Frame.Flag.endHeaders, stream: 3, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF]))
    peer.listen()
    #expect(peer.goAwayCode == HTTP2ErrorCode.compressionError.rawValue)
  }

  @Test func aCONTINUATIONFloodEnds() {
    let peer = opened()
    peer.send(Frame(Frame.Kind.headers, stream: 3, Frame.literal("a", "b")))
    for _ in 0..<100 { peer.send(Frame(Frame.Kind.continuation, stream: 3, Frame.literal("a", "b"))) }
    expectCalm(peer, .continuationFrames)
  }

  /// As many as a client of a busy service may do in a row; nghttp2's own limit, at a thousand, gave no reason.
  @Test func cancelledCallsBelowTheLimitEndNothing() {
    let peer = opened()
    for index in 1..<9_000 {
      peer.send(.headers(UInt32(index * 2 + 1), ScriptedPeer.request("/a.B/C")), .reset(UInt32(index * 2 + 1), 8))
    }
    peer.listen()
    #expect(!peer.server.wantsToClose && peer.server.ending == nil && peer.goAwayCode == nil)
    peer.send(.data(1, framed([1])))
    #expect(recorder.handlers[0].messages == [[1]])
  }

  @Test func aFieldThatNghttp2DoesNotReadIsToldInWords() {
    let peer = opened()
    let block = Frame.literal("long", String(repeating: "x", count: 70_000))
    peer.send(Frame(Frame.Kind.headers, stream: 3, Array(block[..<60_000])))
    peer.send(Frame(Frame.Kind.continuation, flags: Frame.Flag.endHeaders, stream: 3, Array(block[60_000...])))
    peer.listen()
    #expect(peer.goAwayCode == HTTP2ErrorCode.compressionError.rawValue)
    #expect(peer.goAwayText?.contains("longer than 65,536 bytes") == true)
    #expect(peer.server.ending?.reason == .headerCompression)
  }

  /// h2spec 5.1/8, 9, 11, 12 and 5.1.1/2: a stream that the client left, and one below the last.
  @Test(arguments: [true, false], [true, false])
  func framesOnAStreamThatItsClientLeftAreSTREAM_CLOSED(reset: Bool, headers: Bool) {
    let peer = opened()
    peer.send(reset ? .reset(1, 8) : .data(1, [], endStream: true))
    recorder.handlers[0].call.finish(.ok)
    peer.listen()
    peer.send(headers ? .headers(1, ScriptedPeer.request("/a.B/C")) : .data(1, framed([1])))
    peer.listen()
    #expect(peer.goAwayCode == HTTP2ErrorCode.streamClosed.rawValue && peer.server.wantsToClose)
    #expect(peer.server.ending?.reason == .closedStream && recorder.handlers.count == 1)
  }

  @Test func aLowerStreamThanOneBeforeIsPROTOCOL_ERROR() {
    let peer = opened()
    peer.send(.headers(5, ScriptedPeer.request("/a.B/C")), .headers(3, ScriptedPeer.request("/a.B/C")))
    peer.listen()
    #expect(peer.goAwayCode == HTTP2ErrorCode.protocolError.rawValue && recorder.handlers.count == 2)
    #expect(peer.goAwayText == "HEADERS on stream 3 after stream 5")
  }

  @Test func framesUnderWayWhenWeEndAStreamAreIgnored() {
    let peer = opened()
    recorder.handlers[0].call.finish(Status(.cancelled, "enough"))
    peer.listen()
    #expect(peer.resetCode(1) == 0)
    peer.send(.data(1, framed([1])), .headers(1, [("trailer", "x")], endStream: true))
    peer.send(.headers(3, ScriptedPeer.request("/a.B/C")))
    peer.listen()
    #expect(peer.server.ending == nil && recorder.handlers.count == 2)
  }
}
