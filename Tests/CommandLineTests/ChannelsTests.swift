import ArgumentParser
import Channels
import LockFree
import Testing
import WireCodec

@testable import CommandLine

@Suite struct ChannelsTests {
  @Test(arguments: [
    (0, "0"), (9_999, "9999"), (10_000, "10.0k"), (65_536, "65.5k"), (999_499, "999k"), (999_500, "1.00M"),
    (1_234_567, "1.23M"), (UInt64.max, "18.4E"),
  ])
  func countsAreShort(value: UInt64, text: String) { #expect(Figure.count(value) == text) }

  @Test(arguments: [
    (0, "0ns"), (850, "850ns"), (999, "999ns"), (8_500, "8.5µs"), (850_000, "850µs"), (999_600, "1.0ms"),
    (2_400_000_000, "2.4s"), (999_000_000_000, "999s"), (1_200_000_000_000, "20m"), (UInt64.max, "9999h"),
  ])
  func durationsAreShort(value: UInt64, text: String) { #expect(Figure.duration(value) == text) }

  @Test func figuresOfAllSizesFitTheirColumns() {
    for shift in 0..<64 {
      for value in [UInt64(1) << shift, (UInt64(1) << shift) &- 1, 999 << (shift / 7), 995 << UInt64(shift / 7)] {
        #expect(Figure.count(value).count <= 5)
        #expect(Figure.duration(value).count <= 5)
        #expect(Figure.rate(Double(value)).count <= 5)
        #expect(Figure.bytes(value).count <= 9)
      }
    }
    #expect(Figure.rate(.nan) == "0" && Figure.rate(-1) == "0" && Figure.rate(.infinity) == "0")
    #expect(Figure.rate(9.96) == "10" && Figure.rate(0.44) == "0.4")
    #expect(Figure.full(0) == "0" && Figure.full(1_234_567) == "1,234,567" && Figure.full(123_456) == "123,456")
    #expect(Figure.percent(1, of: 0) == "–" && Figure.percent(1, of: 3) == "33.3 %")
    #expect(Figure.span(45_000_000_000) == "45s" && Figure.span(7_500_000_000_000) == "2h 05m")
    #expect(Figure.span(200_000_000_000) == "3m 20s" && Figure.span(371_000_000_000_000) == "4d 07h")
    #expect(Figure.bytes(101_082_726) == "96.4 MiB" && Figure.bytes(512) == "512 B")
  }

  @Test func cellsCountColumnsAndNotCharacters() {
    #expect(Cells.fit("abc", 5) == "abc  " && Cells.fit("abc", 5, right: true) == "  abc")
    #expect(Cells.fit("abcdef", 5) == "abcd…" && Cells.fit("abc", 0) == "" && Cells.fit("abc", 1) == "…")
    // Each of these takes two columns; half of one cannot be shown.
    #expect(Cells.fit("価格価格", 5) == "価格…" && Cells.fit("価格価格", 6) == "価格… ")
    #expect(Cells.width(of: "e\u{301}🙂") == 3)
    #expect(Cells.fit("a\u{1B}[2J", 6) == "a\u{FFFD}[2J ")
    for width in 0..<12 { #expect(Cells.width(of: Cells.fit("a価b格c🙂", width)) == width) }
  }

  private func channel(_ name: String) -> ChannelMetricsSnapshot {
    var channel = ChannelMetricsSnapshot()
    channel.channel = name
    return channel
  }

  @Test func theTableFitsEightyColumnsWhateverTheNames() {
    var wide = channel(String(repeating: "n", count: 64))
    wide.breaker = .halfOpen
    wide.health = .unhealthy
    wide.state = .starting
    wide.ringDepth = 16_777_216
    wide.itemsPerSecond = 1.23e9
    wide.symbols = .max
    wide.queueLatency.count = 1
    wide.queueLatency.p99 = .max
    let lines = ChannelTable.lines([wide, channel("b")])
    #expect(lines.count == 3)
    #expect(lines.allSatisfy { Cells.width(of: $0) <= 80 })
    #expect(lines[1].hasPrefix("nnn") && lines[1].contains("… "))
    #expect(ChannelTable.lines([channel("ticks-1")])[1].hasPrefix("ticks-1  tick  running  closed   healthy"))
    #expect(ChannelTable.lines([]).count == 1)
  }

  @Test func aSentenceTellsWhatIsWrong() {
    var ill = channel("ticks-1")
    #expect(ChannelDetails.sentence(ill) == "ticks-1 is RUNNING, breaker CLOSED, HEALTHY")
    ill.health = .unhealthy
    ill.breaker = .open
    ill.healthReasons = ["breaker OPEN", "15 % failed"]
    #expect(
      ChannelDetails.sentence(ill) == "ticks-1 is RUNNING, breaker OPEN, UNHEALTHY (breaker OPEN; 15 % failed)")
  }

  @Test func momentsAreToldInUTC() {
    #expect(UTCTime.text(1_381_392_450_560_000_000) == "2013-10-10 08:07:30 UTC")
    #expect(UTCTime.text(0) == "–")
  }

  @Test(arguments: [
    ["channels", "list"], ["channels", "show", "a"], ["channels", "create", "a", "--set", "type=bar", "--dry-run"],
    ["channels", "update", "a", "--set", "wait=spin", "--set", "overflow=block", "--expect-version", "3", "--json"],
    ["channels", "pause", "a"], ["channels", "resume", "a"], ["channels", "drain", "a"], ["channels", "start", "a"],
    ["channels", "delete", "a"], ["channels", "trip", "a"], ["channels", "reset", "a"],
    ["channels", "route", "--type", "tick", "--strategy", "random", "--seed", "7", "--rebalance", "tick"],
    ["channels", "route", "--server", "127.0.0.1:1"], ["channels", "export"],
  ])
  func commandsParse(arguments: [String]) throws {
    _ = try PenstockCommand.parseAsRoot(arguments)
  }

  @Test(arguments: [
    ["channels", "show"], ["channels", "update", "a"], ["channels", "route", "--strategy", "random"],
    ["channels", "route", "--type", "tick"], ["channels", "create", "a", "--expect-version", "2"],
    ["channels", "update", "a", "--set", "wait=spin", "--expect-version", "0"], ["channels", "nothing"],
  ])
  func wrongUsageIsRefused(arguments: [String]) {
    #expect(throws: (any Error).self) { try PenstockCommand.parseAsRoot(arguments) }
  }
}
