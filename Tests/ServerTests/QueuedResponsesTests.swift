import TestKit
import Testing

@testable import Server

@Suite struct QueuedResponsesTests {
  @Test func whatHasNotBegunToLeaveIsDropped() {
    var queued = QueuedResponses()
    #expect(queued.cut(queued: 0, committed: 0) == (0, 0))
    queued.note(bytes: 100, queued: 100, last: 7)
    queued.note(bytes: 50, queued: 150, last: 9)
    #expect(queued.cut(queued: 150, committed: 0) == (0, 0))
  }

  @Test func aMessageThatIsPartlyOutGoesOutWhole() {
    var queued = QueuedResponses()
    queued.note(bytes: 100, queued: 100, last: 7)
    queued.note(bytes: 50, queued: 150, last: 9)
    #expect(queued.cut(queued: 149, committed: 0) == (99, 7))
    #expect(queued.cut(queued: 50, committed: 0) == (0, 7))
    #expect(queued.cut(queued: 50, committed: 10) == (50, 9))
    #expect(queued.cut(queued: 3, committed: 3) == (3, 9))
    #expect(queued.cut(queued: 0, committed: 0) == (0, 9))
  }

  /// Seeded: messages of all sizes come, any number of bytes leaves; against the plain list of all messages.
  @Test(arguments: 1...50)
  func aCutEndsAtAWholeMessageAndNamesItsLastEvent(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var queued = QueuedResponses()
    var messages: [(end: Int, last: UInt64)] = [(0, 0)]
    var out = 0
    for last in UInt64(1)...200 {
      let bytes = Int.random(in: 1...40, using: &random)
      messages.append((messages[messages.count - 1].end + bytes, last))
      let end = messages[messages.count - 1].end
      queued.note(bytes: bytes, queued: end - out, last: last)
      if Bool.random(using: &random) { out += Int.random(in: 0...end - out, using: &random) }
      let committed = Int.random(in: 0...end - out, using: &random)
      var copy = queued
      let (keep, told) = copy.cut(queued: end - out, committed: committed)
      let expected = messages.first { $0.end >= out + committed }
      #expect(out + keep == expected?.end && told == expected?.last, "seed \(seed), \(last)")
    }
  }
}
