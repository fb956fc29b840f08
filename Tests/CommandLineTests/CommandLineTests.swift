import ArgumentParser
import MarketData
import Synchronization
import TestKit
import Testing

@testable import CommandLine
@testable import WireCodec

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

  @Test func timesAreShownInUTC() {
    #expect(EventTable.time(1_381_392_450_560_000_000) == "08:07:30.560 ")
  }

  @Test(arguments: [(166.49, "166.49"), (100, "100"), (0.000125, "0.000125"), (61831.8, "61831.8"), (0, "0")])
  func pricesHaveNoNeedlessZeros(value: Double, text: String) {
    #expect(EventTable.number(value) == text)
  }

  @Test func theDateStandsOnALineOfItsOwnWhereTheDayChanges() {
    func event(_ nanos: Int64) -> ReceivedEvent {
      ReceivedEvent(
        sequence: 1, id: "", type: "HIGH", direction: "UP", session: "REGULAR", symbol: "A", channel: "c",
        timestampNanos: nanos, receivedNanos: 0, sequencedNanos: 0, price: 1, size: 1, significance: 2, json: "")
    }
    var table = EventTable(inColour: false)
    let midnight: Int64 = 1_381_363_200_000_000_000
    let lines = [midnight - 1, midnight, midnight + 1].flatMap { table.text(event($0)).split(separator: "\n") }
    #expect(lines.count == 6 && lines[0] == EventTable.heading && lines[0].hasSuffix("session"))
    #expect(lines[1] == "2013-10-09" && lines[2].hasPrefix("23:59:59.999 "))
    #expect(lines[3] == "2013-10-10" && lines[4].hasPrefix("00:00:00.000 ") && lines[5].hasSuffix("REGULAR"))
    #expect(table.takeHeading() == nil)
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
