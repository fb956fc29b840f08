import MarketData
import Server
import Synchronization
import Testing

@Suite struct PublisherDirectoryTests {
  private static let memory: Int64 = 1_000
  private static let start = MonotonicNanos(5)

  private func directory(limit: Int) -> PublisherDirectory {
    PublisherDirectory(limit: limit, memoryNanos: Self.memory)
  }

  /// What a stream was told.
  private final class Told: Sendable {
    let granted = Mutex<[UInt64]>([])
    let takenOver = Mutex(0)

    func stream(_ token: UInt64) -> PublisherDirectory.Stream {
      PublisherDirectory.Stream(
        token: token,
        granted: { resume in self.granted.withLock { $0.append(resume) } },
        takenOver: { self.takenOver.withLock { $0 += 1 } })
    }
  }

  @Test func aFreeNameIsGrantedAtOnceAndRemembersWhatWasProcessed() {
    let directory = directory(limit: 4)
    let first = Told()
    #expect(directory.claim("feed", for: first.stream(1), at: Self.start) == .granted(resume: 0))
    directory.release("feed", token: 1, processed: 12, at: Self.start)
    #expect(directory.claim("feed", for: Told().stream(2), at: Self.start) == .granted(resume: 12))
  }

  @Test func aNewerStreamWaitsForTheOldersLastMarker() {
    let directory = directory(limit: 4)
    let older = Told()
    let newer = Told()
    _ = directory.claim("feed", for: older.stream(1), at: Self.start)
    #expect(directory.claim("feed", for: newer.stream(2), at: Self.start) == .waiting)
    #expect(older.takenOver.withLock { $0 } == 1)
    #expect(newer.granted.withLock { $0 }.isEmpty)
    directory.release("feed", token: 1, processed: 30, at: Self.start)
    #expect(newer.granted.withLock { $0 } == [30])
  }

  @Test func aDisplacedStreamThatGivesUpLateForgetsNobody() {
    let directory = directory(limit: 1)
    for token in UInt64(1)...3 { _ = directory.claim("feed", for: Told().stream(token), at: Self.start) }
    directory.release("feed", token: 1, processed: 5, at: Self.start)
    directory.release("feed", token: 3, processed: 6, at: Self.start)
    // The second hears only now that the third displaced it.
    directory.release("feed", token: 2, processed: 0, at: Self.start)
    // The name is claimed again, and is not forgotten while its stream lives, however much time passes.
    #expect(directory.claim("feed", for: Told().stream(4), at: Self.start) == .granted(resume: 6))
    let later = MonotonicNanos(Self.start.nanoseconds + 10 * Self.memory)
    guard case .tooMany = directory.claim("other", for: Told().stream(5), at: later) else {
      Issue.record("a live stream's name was forgotten")
      return
    }
    directory.release("feed", token: 4, processed: 7, at: later)
    #expect(directory.claim("feed", for: Told().stream(6), at: later) == .granted(resume: 7))
  }

  @Test func theNewestOfSeveralWaitersGetsTheName() {
    let directory = directory(limit: 4)
    let streams = [Told(), Told(), Told()]
    _ = directory.claim("feed", for: streams[0].stream(1), at: Self.start)
    _ = directory.claim("feed", for: streams[1].stream(2), at: Self.start)
    _ = directory.claim("feed", for: streams[2].stream(3), at: Self.start)
    #expect(streams[0].takenOver.withLock { $0 } == 1)
    #expect(streams[1].takenOver.withLock { $0 } == 1)
    directory.release("feed", token: 2, processed: 0, at: Self.start)
    directory.release("feed", token: 1, processed: 5, at: Self.start)
    #expect(streams[2].granted.withLock { $0 } == [5])
    #expect(streams[1].granted.withLock { $0 }.isEmpty)
  }

  @Test func aWaiterThatGoesAwayLeavesTheNameFree() {
    let directory = directory(limit: 4)
    _ = directory.claim("feed", for: Told().stream(1), at: Self.start)
    let waiter = Told()
    _ = directory.claim("feed", for: waiter.stream(2), at: Self.start)
    directory.release("feed", token: 2, processed: 0, at: Self.start)
    directory.release("feed", token: 1, processed: 9, at: Self.start)
    #expect(waiter.granted.withLock { $0 }.isEmpty)
    #expect(directory.claim("feed", for: Told().stream(3), at: Self.start) == .granted(resume: 9))
  }

  @Test func namesAreLimitedAndKnownOnesAreNot() {
    let directory = directory(limit: 1)
    _ = directory.claim("a", for: Told().stream(1), at: Self.start)
    directory.release("a", token: 1, processed: 1, at: Self.start)
    #expect(directory.claim("b", for: Told().stream(2), at: Self.start) == .tooMany(limit: 1, memoryNanos: Self.memory))
    #expect(directory.claim("a", for: Told().stream(3), at: Self.start) == .granted(resume: 1))
  }

  @Test(arguments: [("a", true), ("A", false), ("", false), ("feed-1_x.y", true), ("a b", false), ("é", false)])
  func namesHaveAnAlphabet(name: String, valid: Bool) {
    #expect(PublisherDirectory.isValid(name) == valid)
  }

  @Test func namesEndAt64Bytes() {
    #expect(PublisherDirectory.isValid(String(repeating: "a", count: 64)))
    #expect(!PublisherDirectory.isValid(String(repeating: "a", count: 65)))
  }
}
