import ArgumentParser
import MarketData
import Synchronization
import TestKit
import Testing
import WireCodec

@testable import CommandLine

@Suite struct CommandLineTests {
  @Test func pacingFollowsEventTimeAndItsFactor() throws {
    let clock = ManualClock()
    let pace = try Pace(speed: "60", clock: clock)
    #expect(pace.delay(of: 1_000_000_000_000) == 0)
    // A minute of market time takes a second; half of it has passed.
    clock.step(by: 500_000_000)
    #expect(pace.delay(of: 1_060_000_000_000) == 500_000_000)
    #expect(pace.delay(of: 1_000_000_000_000) == 0)
    #expect(try Pace(speed: "max", clock: clock).delay(of: 5) == 0)
  }

  @Test(arguments: ["fast", "0", "-1", "inf", "nan", ""])
  func otherSpeedsAreRefused(speed: String) {
    #expect(throws: CommandFailure.self) { try Pace(speed: speed, clock: ManualClock()) }
  }

  @Test func progressTellsPartRateAndRemainingTime() {
    let text = FeedProgress.text(sent: 5_000, bytesRead: 250, total: 1_000, seconds: 2, blockedBy: nil)
    #expect(text == "[██████··················]  25 %  6 s left  5000 ticks, 2500 a second")
    let blocked = FeedProgress.text(sent: 0, bytesRead: 0, total: nil, seconds: 0, blockedBy: "ticks-1")
    #expect(blocked == "0 ticks, 0 a second  (waiting for channel ticks-1)")
  }

  @Test(arguments: [(166.49, "166.49"), (100, "100"), (0.000125, "0.000125"), (61831.8, "61831.8"), (0, "0")])
  func pricesHaveNoNeedlessZeros(value: Double, text: String) {
    #expect(EventTable.number(value) == text)
  }

  @Test func timesAreShownInUTC() {
    #expect(EventTable.time(1_381_392_450_560_000_000) == "08:07:30.560 ")
  }

  @Test func rejectionsAreNamedByTheirLine() {
    var run = FeedRun()
    run.firstLine = [(1, 2), (2, 66)]
    func rejection(_ sequence: UInt64, _ index: Int) -> Acknowledgement.Rejection {
      Acknowledgement.Rejection(sequence: sequence, index: index, code: .badPrice, detail: "")
    }
    #expect(run.place(of: rejection(2, 3)) == "line 69")
    #expect(run.place(of: rejection(9, 3)) == "request 9, item 3")
  }

  @Test(arguments: [
    ["serve", "--listen", "127.0.0.1:0"], ["demo", "--seconds", "3"], ["feed", "x.csv", "--speed", "60"],
    ["watch", "--type", "HIGH", "--json"], ["generate", "--seed", "3"], ["config", "check", "x"],
    ["config", "default"],
    ["bench", "--mode", "columns"],
  ])
  func commandsParse(arguments: [String]) throws {
    _ = try PenstockCommand.parseAsRoot(arguments)
  }

  @Test(arguments: [["nonsense"], ["serve", "--event-loops", "x"], ["feed"], ["watch", "--from", "-1"]])
  func wrongUsageIsRefused(arguments: [String]) {
    #expect(throws: (any Error).self) { try PenstockCommand.parseAsRoot(arguments) }
  }
}
