import DataFiles
import MarketData
import Synchronization
import TestKit
import Testing
import WireCodec

@testable import CommandLine

@Suite struct FeedTests {
  private static let paused = Acknowledgement.Blocked(channel: "ticks-1", reason: "its ring is full")

  private func progress(showsBar: Bool, _ clock: ManualClock, _ written: Written) -> FeedProgress {
    FeedProgress(path: "-", words: "bars", showsBar: showsBar, clock: clock) { text in
      written.texts.withLock { $0.append(text) }
    }
  }

  private final class Written: Sendable {
    let texts = Mutex<[String]>([])
    var all: [String] { texts.withLock { $0 } }
  }

  @Test func progressTellsPartRateAndRemainingTime() {
    let text = FeedProgress.text(
      sent: 5_000, words: "ticks", bytesSent: 250, total: 1_000, seconds: 2, waitingFor: nil)
    #expect(text == "[██████··················]  25 %  6 s left  5000 ticks, 2500 a second")
    let blocked = FeedProgress.text(
      sent: 0, words: "bars", bytesSent: 0, total: nil, seconds: 0, waitingFor: Self.paused)
    #expect(blocked == "0 bars, 0 a second  (waiting for channel ticks-1: its ring is full)")
  }

  @Test func withoutATerminalOneLineTellsOfWaiting() {
    let (clock, written) = (ManualClock(), Written())
    let progress = progress(showsBar: false, clock, written)
    progress.sent(7, bytesSent: 70)
    progress.show(waitingFor: nil)
    #expect(written.all.isEmpty)
    for _ in 0..<3 { progress.show(waitingFor: Self.paused) }
    #expect(written.all == ["waiting for channel ticks-1: its ring is full; 7 bars sent so far\n"])
    clock.step(by: 10_000_000_000)
    progress.show(waitingFor: Self.paused)
    #expect(written.all.count == 2)
    progress.end()
    clock.step(by: 10_000_000_000)
    progress.show(waitingFor: Self.paused)
    #expect(written.all.count == 2)
  }

  @Test func aNoteStandsAboveTheBar() {
    let written = Written()
    let progress = progress(showsBar: true, ManualClock(), written)
    progress.note("first")
    progress.show(waitingFor: nil)
    progress.note("second")
    progress.end()
    progress.show(waitingFor: nil)
    let clear = "\r\u{1B}[K"
    #expect(written.all == ["first\n", "\(clear)0 bars, 0 a second", "\(clear)second\n", clear])
  }

  @Test func rejectionsAreNamedByTheirLineBehindBadAndBlankRows() {
    var run = FeedRun()
    // Line 4 is bad, and line 6 blank.
    for line in [2, 3, 5, 7, 8] { run.add(line: line) }
    run.send(as: 1)
    run.add(line: 10)
    run.send(as: 2)
    func place(_ sequence: UInt64, _ index: Int) -> String {
      run.place(of: Acknowledgement.Rejection(sequence: sequence, index: index, code: .badPrice, detail: ""))
    }
    #expect((0..<5).map { place(1, $0) } == ["line 2", "line 3", "line 5", "line 7", "line 8"])
    #expect(place(2, 0) == "line 10")
    #expect(place(9, 3) == "request 9, item 3")
  }

  private func answer(_ acked: UInt64, accepted: UInt64, rejected: UInt64 = 0, resume: UInt64 = 0) -> Acknowledgement {
    var answer = Acknowledgement()
    (answer.ackedSequence, answer.accepted, answer.rejected) = (acked, accepted, rejected)
    answer.resumeSequence = resume
    return answer
  }

  /// Five requests of ten items, the first of which has been acknowledged; the server has counted the second, too.
  private func half(resuming resume: UInt64 = 0) throws -> PublishLedger {
    var ledger = PublishLedger()
    try ledger.begin(resumingAt: resume)
    for _ in 0..<5 { ledger.add(items: 10, []) }
    ledger.heard(answer(resume + 1, accepted: 20))
    return ledger
  }

  @Test func aNameUsedBeforeIsNumberedOn() throws {
    var ledger = try half(resuming: 40)
    #expect(ledger.resumedAt == 40 && ledger.unacknowledged.map(\.sequence) == [42, 43, 44, 45])
    #expect(ledger.difference == -30)
    ledger.heard(answer(45, accepted: 49, rejected: 1))
    #expect(ledger.difference == 0 && ledger.sent == 50 && ledger.unacknowledged.isEmpty)
  }

  @Test func whatWasProcessedUnheardIsCountedAsThat() throws {
    var ledger = try half()
    // The connection is lost; the server had taken three requests, and told of the items of two.
    try ledger.begin(resumingAt: 3)
    #expect(ledger.unheard == 10 && ledger.unacknowledged.map(\.sequence) == [4, 5])
    ledger.heard(answer(5, accepted: 20))
    #expect(ledger.totals.accepted == 40 && ledger.difference == 0 && ledger.lostWithServer == 0)
  }

  @Test func aServerThatBeganAnewTakesWhatWasNotAcknowledgedAgain() throws {
    var ledger = try half()
    try ledger.begin(resumingAt: 0)
    #expect(ledger.unacknowledged.map(\.sequence) == [2, 3, 4, 5])
    // Ten items had been counted by the first server without being acknowledged.
    #expect(ledger.countedTwice == 10 && ledger.lostWithServer == 10)
    ledger.heard(answer(0, accepted: 0))
    #expect(ledger.totals.accepted == 20)
    ledger.heard(answer(5, accepted: 40))
    #expect(ledger.totals.accepted == 60 && ledger.difference == 0)
    let fault = try #require(FeedReport.fault(ledger, FeedRun(), words: "ticks"))
    #expect(fault.kind == .failed && fault.message.contains("lacks 10 ticks that it had acknowledged before"))
  }

  @Test func aNameThatAnotherUsedMeanwhileIsTold() throws {
    var ledger = try half()
    #expect(throws: PublishLedger.NameIsTaken(upTo: 6)) { try ledger.begin(resumingAt: 6) }
    #expect(ledger.unacknowledged.count == 4)
  }

  @Test func aDifferenceIsNamedAndOutranksRejections() throws {
    var ledger = try half()
    ledger.heard(answer(5, accepted: 40, rejected: 5))
    let fault = try #require(FeedReport.fault(ledger, FeedRun(), words: "ticks"))
    #expect(fault.kind == .failed && fault.message.contains("5 ticks that were sent are in none of their counts"))
    ledger.heard(answer(5, accepted: 45, rejected: 5))
    #expect(FeedReport.fault(ledger, FeedRun(), words: "ticks")?.kind == .badData)
    ledger.heard(answer(5, accepted: 50))
    #expect(FeedReport.fault(ledger, FeedRun(), words: "ticks") == nil)
    var duplicates = answer(5, accepted: 30)
    duplicates.duplicates = 20
    ledger.heard(duplicates)
    let lines = FeedReport.lines(
      ledger, FeedRun(), words: "ticks", seconds: 1, reconnects: 0, isInterrupted: false)
    #expect(lines.contains { $0.contains("20 were duplicates") } && ledger.difference == 0)
  }

  @Test func aRejectionThatIsToldAgainIsShownOnce() throws {
    var ledger = try half()
    var told = answer(1, accepted: 19, rejected: 1)
    told.rejections = [Acknowledgement.Rejection(sequence: 2, index: 3, code: .badPrice, detail: "x")]
    ledger.heard(told)
    ledger.heard(told)
    #expect(ledger.rejections.count == 1)
  }
}
