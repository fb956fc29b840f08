import GRPC
import LockFree
import MarketData
import TestKit
import Testing

/// `idle_message`: a call that stands still inside a message ends, by a clock that the tests step.
@Suite struct UnfinishedMessagesTests {
  let recorder = CallRecorder()
  let budget = ByteBudget(limit: 100_000)
  let peer: ScriptedPeer

  init() {
    var configuration = GRPCServerConfiguration()
    configuration.pendingBytes = budget
    configuration.idleMessageNanos = 12_000
    peer = ScriptedPeer(recorder, configuration)
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")))
  }

  private func advance(to moment: Int64) {
    peer.now = MonotonicNanos(moment)
    // As the transport does: not before it is due.
    while let due = peer.server.nextDeadline, due <= peer.now { peer.server.advance(to: due) }
    peer.server.advance(to: peer.now)
    peer.listen()
  }

  private func send(_ bytes: [UInt8], to stream: UInt32 = 1, at moment: Int64) {
    advance(to: moment)
    peer.send(.data(stream, bytes))
  }

  private let part = Array(framed([UInt8](repeating: 1, count: 50_000)).prefix(100))

  @Test(arguments: [1, 3, 5, 100]) func aCallThatStandsStillInsideAMessageEndsAtItsTime(bytes: Int) {
    send(Array(part.prefix(bytes)), at: 500)
    advance(to: 12_499)
    #expect(peer.status(1) == nil)
    advance(to: 12_500)
    #expect(peer.status(1) == 4)
    #expect(peer.message(1).contains("limits.idle_message"))
    #expect(peer.server.nextDeadline == nil)
  }

  @Test func slowIsNotIdle() {
    for moment in 0..<40 { send([part[moment]], at: Int64(moment) * 11_999) }
    #expect(peer.status(1) == nil)
    advance(to: 39 * 11_999 + 12_000)
    #expect(peer.status(1) == 4)
  }

  @Test func aCallBetweenTwoMessagesMayRest() {
    let whole = framed([UInt8](repeating: 1, count: 1_000))
    send(Array(whole.prefix(400)), at: 0)
    send(Array(whole.dropFirst(400)), at: 10)
    advance(to: 1_000_000)
    #expect(peer.status(1) == nil && recorder.handlers[0].messages.count == 1)
    #expect(peer.server.nextDeadline == nil)
    send(Array(whole.prefix(1)), at: 2_000_000)
    advance(to: 2_012_000)
    #expect(peer.status(1) == 4)
  }

  @Test func aPausedCallWaitsForUsAndNotForItsPeer() {
    send(part, at: 0)
    recorder.handlers[0].call.pauseReceiving()
    advance(to: 50_000)
    #expect(peer.status(1) == nil)
    recorder.handlers[0].call.resumeReceiving()
    advance(to: 61_999)
    #expect(peer.status(1) == nil)
    advance(to: 62_000)
    #expect(peer.status(1) == 4)
  }

  @Test func manyCallsEndEachAtItsOwnTimeAndEndedOnesAreForgotten() {
    for stream in stride(from: UInt32(3), to: 21, by: 2) { peer.send(.headers(stream, ScriptedPeer.request("/a.B/C"))) }
    for (index, stream) in stride(from: UInt32(1), to: 21, by: 2).enumerated() {
      send(part, to: stream, at: Int64(index) * 100)
    }
    peer.send(.reset(1, 8), .reset(19, 8), .reset(9, 8))
    advance(to: 12_250)
    #expect((1..<21).filter { peer.status(UInt32($0)) == 4 } == [3, 5])
    advance(to: 20_000)
    #expect((1..<21).filter { peer.status(UInt32($0)) == 4 } == [3, 5, 7, 11, 13, 15, 17])
    #expect(peer.server.nextDeadline == nil)
  }

  @Test func whileTheBudgetIsNearlySpentATwelfthOfTheTimeIsEnough() {
    send(part, at: 0)
    budget.add(90_000, .rests)
    advance(to: 999)
    #expect(peer.status(1) == nil)
    advance(to: 1_000)
    #expect(peer.status(1) == 8)
    #expect(peer.message(1).contains("limits.pending_bytes"))
  }
}
