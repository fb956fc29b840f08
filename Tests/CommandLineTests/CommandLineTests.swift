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

  @Test(arguments: [
    (166.49, "166.49"), (100, "100"), (0.000125, "0.000125"), (61831.8, "61831.8"), (0, "0"), (1.08445, "1.08445"),
    (0.000_000_012_4, "1.24e-08"), (9.11e-6, "9.11e-06"), (9.12e-6, "9.12e-06"), (0.1 + 0.2, "0.3"),
    (123_456.123_456_789, "123456.12346"), (1_234_567_890_123, "1.234568e+12"), (1e15, "1e+15"),
    (-61831.8, "-61831.8"), (1.234_567_890_123e-300, "1.23457e-300"), (.infinity, "inf"),
  ])
  func pricesHaveTheFewestDigitsThatReadBackAndFit(value: Double, text: String) {
    #expect(EventTable.number(value) == text)
  }

  @Test func pricesAreNeverWiderThanTheirColumn() {
    var random = SeededRandom(seed: 11)
    for _ in 0..<20_000 {
      let value = Double(bitPattern: random.next())
      let text = EventTable.number(value)
      #expect(text.count <= EventTable.priceWidth, "\(value)")
      // Six digits always fit, beside a sign and the longest exponent.
      if let read = Double(text), value.isNormal {
        #expect(abs(read - value) <= abs(value) * 1e-4, "\(value) is shown as \(text)")
      }
    }
    // Prices in cents, and of pairs of currencies, are exact.
    for _ in 0..<20_000 {
      let value = Double(random.next() % 1_000_000_000) / (random.next().isMultiple(of: 2) ? 100 : 100_000)
      #expect(Double(EventTable.number(value)) == value)
    }
  }

  @Test func optionsTakeListsWithCommas() throws {
    #expect(try ListOption.entries([], "--symbol") == [])
    #expect(try ListOption.entries(["BRK.B,AAPL", "SPY"], "--symbol") == ["BRK.B", "AAPL", "SPY"])
    #expect(try ListOption.entries(["A, B ,BRK*"], "--symbol") == ["A", "B", "BRK*"])
    for bad in ["", ",", "A,", ",A", "A,,B", " "] {
      #expect(throws: CommandFailure.self) { try ListOption.entries(["A", bad], "--symbol") }
    }
  }

  @Test func unknownSymbolsAreNamedOnceAndBoundedInNumber() {
    #expect(KnownSymbols.exact(["A", "B*", "A", "*", "C"]) == ["A", "C"])
    #expect(KnownSymbols.note(unknown: []) == nil)
    #expect(KnownSymbols.note(unknown: ["A"]) == "the server does not know symbol 'A' yet")
    #expect(KnownSymbols.note(unknown: ["A", "B"]) == "the server does not know symbols 'A', 'B' yet")
    #expect(
      KnownSymbols.note(unknown: (1...9).map { "S\($0)" })
        == "the server does not know symbols 'S1', 'S2', 'S3', 'S4', 'S5' and 4 more yet")
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
    #expect(lines.count == 6 && lines[0] == table.heading && lines[0].hasSuffix("session"))
    #expect(lines[1] == "2013-10-09" && lines[2].hasPrefix("23:59:59.999 "))
    #expect(lines[3] == "2013-10-10" && lines[4].hasPrefix("00:00:00.000 ") && lines[5].hasSuffix("REGULAR"))
    #expect(table.takeHeading() == nil)
  }

  @Test(arguments: [
    ["serve", "--listen", "127.0.0.1:0"], ["demo", "--seconds", "3"], ["demo", "--market", "crypto"],
    ["feed", "x.csv", "--speed", "60"],
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
