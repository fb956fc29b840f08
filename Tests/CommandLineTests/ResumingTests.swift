import Events
import MarketData
import Testing

@testable import CommandLine
@testable import WireCodec

/// Where `watch` asks to go on after a lost connection.
@Suite struct ResumingTests {
  private func request(_ start: SubscriptionRequest.Start = .now, untilCaughtUp: Bool = false) -> SubscriptionRequest {
    var request = SubscriptionRequest()
    request.start = start
    request.endWhenCaughtUp = untilCaughtUp
    return request
  }

  private func heartbeat(_ last: UInt64, _ logID: String = "old") -> ReceivedResponse {
    .heartbeat(last: last, serverTime: UnixNanos(0), watermark: UnixNanos(0), logID: logID)
  }

  private func events(_ sequences: UInt64...) -> ReceivedResponse {
    .events(
      sequences.map {
        ReceivedEvent(
          sequence: $0, id: "", type: "HIGH", direction: "UP", session: "REGULAR", symbol: "X", channel: "c",
          timestampNanos: 0, receivedNanos: 0, sequencedNanos: 0, price: 1, size: 1, significance: 2, json: "")
      })
  }

  private func after(_ responses: [ReceivedResponse], _ request: SubscriptionRequest) -> SubscriptionRequest {
    var request = request
    for response in responses { request.goOn(behind: response) }
    return request
  }

  @Test func aReplacedLogIsAskedForFromItsOwnPlace() {
    // 1001 of the old log is a place of the new one by the time of the next call: 960 to 990 would never be shown.
    let moved = after(
      [
        heartbeat(999), events(1_000), .missed(first: 1_001, last: 900, reason: "LOG_REPLACED"), heartbeat(0, "new"),
        heartbeat(900, "new"),
      ], request())
    #expect(moved.start == .sequence(901) && moved.logID == "new")
  }

  @Test func heartbeatsAndTheEndOfThePastMoveIt() {
    #expect(after([heartbeat(5)], request()).start == .sequence(6))
    #expect(after([heartbeat(5), .caughtUp(last: 9, logID: "old")], request(.sequence(6))).start == .sequence(10))
    #expect(after([heartbeat(0), events(1, 2), heartbeat(7)], request(.sequence(1))).start == .sequence(8))
  }

  @Test func aGapDoesNotMoveItForEventsOfTheGapMayFollow() {
    #expect(
      after([heartbeat(0), .missed(first: 2, last: 2, reason: "SLOW_CONSUMER")], request()).start == .sequence(1))
  }

  @Test func aQueryFromNowOnStaysOne() {
    #expect(after([heartbeat(5)], request(untilCaughtUp: true)).start == .now)
    #expect(after([heartbeat(5)], request(.sequence(1), untilCaughtUp: true)).start == .sequence(6))
  }
}
