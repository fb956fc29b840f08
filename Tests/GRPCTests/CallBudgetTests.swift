import GRPC
import HTTP2
import LockFree
import MarketData
import TestKit
import Testing

/// What calls hold counts in one byte budget, and what happens when that is spent.
@Suite struct CallBudgetTests {
  let recorder = CallRecorder()
  let budget: ByteBudget
  let peer: ScriptedPeer

  /// A budget of 200,000 bytes, which one open call has 2 KiB of.
  init() {
    let budget = ByteBudget(limit: 200_000)
    var configuration = GRPCServerConfiguration()
    configuration.pendingBytes = budget
    self.budget = budget
    peer = ScriptedPeer(recorder, configuration)
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")))
  }

  private func open(_ streams: UInt32...) {
    for stream in streams { peer.send(.headers(stream, ScriptedPeer.request("/a.B/C"))) }
  }

  private func message(_ bytes: Int) -> [UInt8] { framed([UInt8](repeating: 1, count: bytes)) }

  /// Part of a message of 400,000 bytes, in frames.
  private func begin(_ bytes: Int, on stream: UInt32) {
    let part = Array(message(400_000).prefix(bytes))
    for start in stride(from: 0, to: bytes, by: 50_000) {
      peer.send(.data(stream, Array(part[start..<min(start + 50_000, bytes)])))
    }
  }

  // MARK: messages

  @Test func anUnfinishedMessageGetsItsWindowBackAndIsCounted() {
    let budget = ByteBudget(limit: 10 << 20)
    let peer = ScriptedPeer(recorder, configuration { $0.pendingBytes = budget })
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")))
    let body = [UInt8](repeating: 3, count: 3 << 20)
    let bytes = framed(body)
    for start in stride(from: 0, to: bytes.count - 1, by: 32 << 10) {
      peer.send(.data(1, Array(bytes[start..<min(start + 32 << 10, bytes.count - 1)])))
      peer.listen()
    }
    #expect(budget.bytes(of: .messages) >= bytes.count - 1)
    #expect(peer.windowReturned(1) > 2 << 20)
    peer.send(.data(1, [3]))
    #expect(recorder.handlers.last?.messages == [body])
    #expect(budget.bytes(of: .messages) == 0)
  }

  @Test func whatAHandlerKeepsCountsUntilItsCallIsClosed() {
    let call = recorder.handlers[0].call
    #expect(call.keep(50_000) == true)
    #expect(budget.bytes(of: .messages) == 50_000)
    #expect(call.keep(500_000) == false)
    #expect(call.isActive == false)
    peer.send(.reset(1, 8))
    #expect(budget.bytes(of: .messages) == 0)
  }

  @Test func smallUnfinishedMessagesAreCountedToo() {
    open(3, 5)
    for stream in [1, 3, 5] as [UInt32] { peer.send(.data(stream, Array(message(10_000).prefix(9_000)))) }
    #expect(budget.bytes(of: .messages) == 3 * 9_216)
  }

  @Test(arguments: ["reset", "lost", "finished"]) func theBudgetGetsEverythingBackHoweverTheCallEnds(end: String) {
    peer.send(.data(1, Array(message(100_000).prefix(50_000))))
    recorder.handlers[0].call.send([UInt8](repeating: 0, count: 90_000))
    #expect(budget.bytes(of: .messages) >= 50_000 && budget.bytes(of: .sendQueues) >= 90_000)
    switch end {
    case "reset": peer.send(.reset(1, 8))
    case "lost": peer.server.connectionLost()
    default:
      recorder.handlers[0].call.finish(.ok)
      peer.send(.windowUpdate(0, 1 << 20), .windowUpdate(1, 1 << 20))
      peer.listen()
      peer.send(.reset(1, 8))
    }
    #expect(budget.total == 0)
  }

  @Test func theCallThatNeedsMoreThanThereIsEndsAndOthersGoOn() {
    open(3, 5)
    begin(150_000, on: 1)
    begin(60_000, on: 3)
    peer.listen()
    #expect(peer.status(1) == nil)
    #expect(peer.status(3) == 8)
    #expect(peer.message(3).contains("limits.pending_bytes: 200000 bytes are spent; messages hold 1"))
    // What had been kept of it is free again at once, for others.
    peer.send(.data(5, Array(message(30_000).prefix(10_000))))
    peer.send(.data(5, Array(message(30_000).dropFirst(10_000))))
    #expect(recorder.handlers[2].messages.map(\.count) == [30_000])
  }

  @Test func aConnectionOfFewCallsMayFinishSmallMessagesWhenTheBudgetIsSpent() {
    budget.add(200_000, .rests)
    peer.send(.data(1, Array(message(4_000).prefix(3_000))))
    peer.send(.data(1, Array(message(4_000).dropFirst(3_000))))
    #expect(recorder.handlers[0].messages.map(\.count) == [4_000])
    peer.send(.data(1, Array(message(5_000).prefix(4_500))))
    peer.listen()
    #expect(peer.status(1) == 8)
  }

  @Test func aPausedCallKeepsWhatTheBudgetTakesAndEndsBeyond() {
    recorder.handlers[0].call.pauseReceiving()
    for _ in 0..<3 { peer.send(.data(1, message(60_000 - 5))) }
    peer.listen()
    #expect(peer.status(1) == nil && budget.bytes(of: .messages) >= 180_000)
    peer.send(.data(1, message(60_000 - 5)))
    peer.listen()
    #expect(peer.status(1) == 8)
    #expect(recorder.handlers[0].messages.isEmpty)
    #expect(budget.bytes(of: .messages) == 0)
  }

  @Test func whatArrivesAfterARefusalIsNotKept() {
    recorder.handlers[0].keepsRefusedCalls = true
    begin(210_000, on: 1)
    #expect(recorder.handlers[0].refusals.map(\.code) == [.resourceExhausted])
    for _ in 0..<5 { peer.send(.data(1, message(20_000))) }
    recorder.handlers[0].call.resumeReceiving()
    peer.send(.data(1, message(20_000), endStream: true))
    #expect(recorder.handlers[0].messages.isEmpty && !recorder.handlers[0].halfClosed)
    #expect(budget.bytes(of: .messages) == 0)
  }

  // MARK: a connection's share

  @Test func aConnectionThatHasItsShareLeavesOthersTheRest() {
    let budget = ByteBudget(limit: 400_000, sharePercent: 25)
    let greedy = ScriptedPeer(recorder, configuration { $0.pendingBytes = budget })
    let honest = ScriptedPeer(recorder, configuration { $0.pendingBytes = budget })
    for peer in [greedy, honest] { peer.send(.headers(1, ScriptedPeer.request("/a.B/C"))) }
    for start in 0..<3 { greedy.send(.data(1, Array(message(400_000)[start * 40_000..<(start + 1) * 40_000]))) }
    greedy.listen()
    #expect(greedy.status(1) == 8)
    #expect(greedy.message(1).hasPrefix("limits.share_pct: one connection may hold 25 %25 of the 400000 bytes of "))
    #expect(
      greedy.message(1).contains("limits.pending_bytes") && greedy.message(1).hasSuffix("asked for more messages"))
    // An answer and a message that its share has room for, whatever the greedy one has left.
    greedy.send(.headers(3, ScriptedPeer.request("/a.B/C")))
    greedy.send(.data(3, Array(message(400_000).prefix(60_000))))
    honest.send(.data(1, Array(message(90_000).prefix(60_000))))
    honest.send(.data(1, Array(message(90_000).dropFirst(60_000))))
    honest.listen()
    #expect(honest.status(1) == nil)
    #expect(recorder.handlers.map { $0.messages.count } == [0, 0, 1, 0])
  }

  @Test func aCallThatStandsStillEndsSoonerWhileItsConnectionsShareIsNearlySpent() {
    let budget = ByteBudget(limit: 440_000, sharePercent: 25)
    let peer = ScriptedPeer(
      recorder,
      configuration {
        $0.pendingBytes = budget
        $0.idleMessageNanos = 12_000
      })
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")))
    peer.send(.data(1, Array(message(400_000).prefix(60_000))))
    peer.send(.data(1, Array(message(400_000).dropFirst(60_000).prefix(30_000))))
    peer.server.advance(to: MonotonicNanos(999))
    peer.listen()
    #expect(peer.status(1) == nil)
    peer.server.advance(to: MonotonicNanos(1_000))
    peer.listen()
    #expect(peer.status(1) == 8 && peer.message(1).contains("limits.share_pct"))
  }

  // MARK: open calls

  @Test func openCallsAreCountedAndRefusedBeyondTheBudget() {
    #expect(budget.bytes(of: .headers) == 2_048)
    for index in 1..<100 { open(UInt32(2 * index + 1)) }
    peer.listen()
    // 97 × 2,048 = 198,656; one more does not fit.
    #expect(budget.bytes(of: .headers) == 97 * 2_048)
    #expect(peer.status(193) == nil)
    #expect(peer.status(195) == 8)
    #expect(peer.message(195).contains("headers hold 198656"))
  }

  @Test func metadataIsKeptNoLongerThanItsHandlerIsChosen() {
    open(3)
    peer.send(.headers(5, ScriptedPeer.request("/a.B/C", (0..<40).map { ("x-\($0)", "value") })))
    #expect(recorder.heads.last?.metadata.entries.count == 40)
    #expect(recorder.handlers[2].call.head.metadata.isEmpty)
    #expect(recorder.handlers[2].call.head.path == "/a.B/C")
  }

  // MARK: answers and send queues

  @Test func anAnswerThatNobodyTakesIsCountedUntilItIsTaken() {
    recorder.handlers[0].call.answer([UInt8](repeating: 7, count: 100_000))
    peer.listen()
    #expect(budget.bytes(of: .answers) >= 100_000 - 65_535)
    open(3)
    recorder.handlers[1].call.answer([UInt8](repeating: 7, count: 150_000))
    peer.listen()
    #expect(peer.status(3) == 8)
    #expect(peer.message(3).contains("limits.pending_bytes") && peer.message(3).contains("answers hold"))
    peer.send(.windowUpdate(0, 1 << 20), .windowUpdate(1, 1 << 20))
    peer.listen()
    #expect(peer.status(1) == 0)
    peer.send(.reset(1, 8))
    #expect(budget.bytes(of: .answers) == 0)
  }

  @Test func aSendQueueIsCountedAndGivesBackAsItDrains() {
    recorder.handlers[0].call.send([UInt8](repeating: 7, count: 150_000))
    #expect(budget.bytes(of: .sendQueues) >= 150_000)
    peer.send(.windowUpdate(0, 1 << 20), .windowUpdate(1, 1 << 20))
    peer.listen()
    #expect(budget.bytes(of: .sendQueues) == 0)
  }

  @Test func aSpentBudgetStopsAHandlerSoonerAndADrainedQueueLetsItGoOn() {
    budget.add(200_000, .rests)
    let handler = recorder.handlers[0]
    handler.call.send([UInt8](repeating: 7, count: 10_000))
    #expect(handler.call.isWritable)
    handler.call.send([UInt8](repeating: 7, count: 10_000))
    #expect(!handler.call.isWritable)
    peer.listen()
    #expect(handler.writables == 1 && handler.call.isWritable)
  }

  private func configuration(_ change: (inout GRPCServerConfiguration) -> Void) -> GRPCServerConfiguration {
    var configuration = GRPCServerConfiguration()
    change(&configuration)
    return configuration
  }
}
