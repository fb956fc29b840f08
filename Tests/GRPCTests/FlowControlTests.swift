import GRPC
import HTTP2
import TestKit
import Testing

/// Who may send how much: windows and pausing (architecture.md, "The way of one tick" 1).
@Suite struct FlowControlTests {
  let recorder = CallRecorder()

  func peer(_ change: (inout GRPCServerConfiguration) -> Void = { _ in }) -> ScriptedPeer {
    var configuration = GRPCServerConfiguration()
    change(&configuration)
    let peer = ScriptedPeer(recorder, configuration)
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")))
    return peer
  }

  func messages(_ count: Int, bytes: Int) -> [UInt8] {
    (0..<count).flatMap { framed([UInt8](repeating: UInt8($0 % 251), count: bytes - 5)) }
  }

  @Test func theServerAnnouncesItsWindowsAndFrameSize() {
    let peer = ScriptedPeer(recorder)
    let settings = peer.heard[0].payload
    let values = stride(from: 0, to: settings.count, by: 6).map { index in
      settings[index..<index + 6].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
    #expect(values.contains(4 << 32 | 1 << 20))
    #expect(values.contains(5 << 32 | 64 << 10))
    #expect(peer.windowReturned(0) == 4 << 20 - 65_535)
  }

  @Test func windowsGoBackForMessagesThatWereTaken() {
    let peer = peer()
    let before = peer.windowReturned(0)
    for _ in 0..<40 {
      peer.send(.data(1, messages(1_000, bytes: 64)))
      peer.listen()
    }
    #expect(peer.windowReturned(1) >= 40 * 64_000 - 512 << 10)
    #expect(peer.windowReturned(0) - before >= 40 * 64_000 - 2 << 20)
  }

  @Test func aPausedCallKeepsItsWindowButNotTheConnections() {
    let peer = peer()
    recorder.handlers[0].call.pauseReceiving()
    let before = peer.windowReturned(0)
    for _ in 0..<16 {
      peer.send(.data(1, messages(1_000, bytes: 64)))
      peer.listen()
    }
    peer.send(.headers(3, ScriptedPeer.request("/a.B/C")))
    for _ in 0..<20 {
      peer.send(.data(3, messages(1_000, bytes: 64)))
      peer.listen()
    }
    #expect(recorder.handlers[0].messages.isEmpty)
    #expect(recorder.handlers[1].messages.count == 20_000)
    #expect(peer.windowReturned(1) == 0)
    #expect(peer.windowReturned(0) > before)
    recorder.handlers[0].call.resumeReceiving()
    peer.listen()
    #expect(recorder.handlers[0].messages.count == 16_000)
    #expect(peer.windowReturned(1) == 16 * 64_000)
  }

  @Test func aPeerThatIgnoresTheWindowOfAPausedCallIsReset() {
    let peer = peer()
    recorder.handlers[0].call.pauseReceiving()
    for _ in 0..<20 { peer.send(.data(1, messages(1_000, bytes: 64))) }
    peer.listen()
    #expect(peer.resetCode(1) == HTTP2ErrorCode.flowControlError.rawValue)
    #expect(recorder.handlers[0].ends == [.cancelled])
  }

  @Test func pausingInsideAMessageStopsTheVeryNext() {
    let peer = peer()
    let handler = recorder.handlers[0]
    handler.whenMessage = { handler, _ in handler.call.pauseReceiving() }
    peer.send(.data(1, framed([1]) + framed([2]) + framed([3]) + [0, 0, 0], endStream: false))
    #expect(handler.messages == [[1]])
    handler.call.resumeReceiving()
    #expect(handler.messages == [[1], [2]])
    peer.send(.data(1, [0, 1, 4], endStream: true))
    #expect(handler.messages == [[1], [2]])
    handler.call.resumeReceiving()
    #expect(handler.messages == [[1], [2], [3]] && !handler.halfClosed)
    handler.call.resumeReceiving()
    #expect(handler.messages == [[1], [2], [3], [4]] && !handler.halfClosed)
    handler.call.resumeReceiving()
    #expect(handler.halfClosed)
    #expect(handler.call.isReceivingPaused == false)
  }

  @Test func resumingInsideTheSameMessageIsAsIfNothingHappened() {
    let peer = peer()
    let handler = recorder.handlers[0]
    handler.whenMessage = { handler, _ in
      handler.call.pauseReceiving()
      handler.call.resumeReceiving()
    }
    peer.send(.data(1, framed([1]) + framed([2])), .data(1, framed([3]), endStream: true))
    #expect(handler.messages == [[1], [2], [3]] && handler.halfClosed)
  }

  @Test func aCallThatEndsWhilePausedHearsItsEndOnly() {
    let peer = peer()
    recorder.handlers[0].call.pauseReceiving()
    peer.send(.data(1, framed([1])), .reset(1, 8))
    recorder.handlers[0].call.resumeReceiving()
    #expect(recorder.handlers[0].messages.isEmpty)
    #expect(recorder.handlers[0].ends == [.cancelled])
  }

  @Test func aCallIsToldWhenItsQueueHasDrained() {
    let peer = peer()
    let handler = recorder.handlers[0]
    handler.call.send([UInt8](repeating: 0, count: 300 << 10))
    #expect(!handler.call.isWritable)
    peer.listen()
    #expect(handler.writables == 0)  // the peer's window is 65,535 bytes
    peer.send(.windowUpdate(0, 1 << 20), .windowUpdate(1, 1 << 20))
    peer.listen()
    #expect(handler.writables == 1 && handler.call.isWritable && handler.call.queuedBytes == 0)
  }

  @Test func aHandlerMayRefillItsQueueWhenToldAndEverythingIsSentInOrder() {
    let peer = peer()
    let handler = recorder.handlers[0]
    var sent: [UInt8] = []
    var round = UInt8(0)
    func refill(_ call: ServerCall) {
      while call.isWritable {
        round &+= 1
        let message = [UInt8](repeating: round, count: 50_000)
        sent += framed(message)
        call.send(message)
      }
    }
    handler.whenWritable = { if sent.count < 3 << 20 { refill($0.call) } else { $0.call.finish(.ok) } }
    refill(handler.call)
    for _ in 0..<200 {
      peer.send(.windowUpdate(0, 60_000), .windowUpdate(1, 60_000))
      peer.listen()
    }
    let got = peer.heard.filter { $0.kind == Frame.Kind.data }.flatMap(\.payload)
    #expect(got == sent)
    #expect(peer.status(1) == 0)
  }

  @Test func outputStopsNearTheLimitThatItIsAskedFor() {
    let peer = peer()
    peer.send(.windowUpdate(0, 1 << 24), .windowUpdate(1, 1 << 24))
    recorder.handlers[0].call.send([UInt8](repeating: 0, count: 1 << 20))
    var sizes: [Int] = []
    var total = 0
    while peer.server.takeOutput(upTo: 32 << 10, { sizes.append($0.byteCount) }) {}
    total = sizes.reduce(0, +)
    #expect(total > 1 << 20)
    #expect(sizes.allSatisfy { $0 <= 64 << 10 })
  }

  @Test func framesAreAsLargeAsThePeerTakesThem() {
    let peer = ScriptedPeer(recorder, GRPCServerConfiguration(), greets: false)
    peer.send(bytes: Frame.preface + Frame.settings([(5, 60_000), (4, 1 << 20)]).bytes)
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")), .windowUpdate(0, 1 << 20))
    recorder.handlers[0].call.send([UInt8](repeating: 0, count: 60_000 * 2 - 5))
    peer.listen()
    #expect(peer.heard.filter { $0.kind == Frame.Kind.data }.map(\.payload.count) == [60_000, 60_000])
  }
}
