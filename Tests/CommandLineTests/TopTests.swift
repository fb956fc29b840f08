import ArgumentParser
import Channels
import LockFree
import Testing

@testable import CommandLine
@testable import WireCodec

@Suite struct TopTests {
  private func channel(
    _ name: String, rate: Double = 0, depth: UInt64 = 0, p99: UInt64 = 0, state: ChannelState = .running
  ) -> ChannelMetricsSnapshot {
    var channel = ChannelMetricsSnapshot()
    channel.channel = name
    channel.state = state
    channel.itemsPerSecond = rate
    channel.ringDepth = depth
    channel.ringCapacity = 1_024
    channel.queueLatency.count = 1
    channel.queueLatency.p99 = p99
    return channel
  }

  private func snapshot(_ channels: [ChannelMetricsSnapshot], at seconds: Int64 = 1) -> MetricsSnapshot {
    var snapshot = MetricsSnapshot()
    snapshot.timestampNanos = 1_700_000_000_000_000_000 + seconds * 1_000_000_000
    snapshot.channels = channels
    return snapshot
  }

  private func event(_ sequence: UInt64, symbol: String = "SPY") -> ReceivedEvent {
    ReceivedEvent(
      sequence: sequence, id: "", type: "VOLUME_SPIKE", direction: "UP", session: "REGULAR", symbol: symbol,
      channel: "ticks-1", timestampNanos: 1_381_392_450_560_000_000, receivedNanos: 0, sequencedNanos: 0, price: 166.49,
      size: 1, significance: 12.25, json: "")
  }

  private func state(_ channels: [ChannelMetricsSnapshot]) -> TopState {
    var state = TopState(address: "127.0.0.1:7171")
    state.take(snapshot(channels))
    return state
  }

  /// What is worst to lay out: wide letters, control characters, names of 64, all counters at their end.
  private func crowded() -> TopState {
    var channels = (0..<9).map { channel("ticks-\($0)") }
    var worst = channel("価格" + String(repeating: "n", count: 62), rate: 1e300, depth: .max, p99: .max, state: .failed)
    worst.dropped = .max
    worst.failed = .max
    worst.symbols = .max
    worst.health = .unhealthy
    worst.breaker = .halfOpen
    worst.healthReasons = [String(repeating: "because ", count: 40), "\u{1B}[2J"]
    channels.append(worst)
    var state = state(channels)
    var next = snapshot(channels, at: 2)
    next.server.publishedItems = .max
    next.server.lastEventSequence = .max
    next.server.residentBytes = .max
    next.server.uptimeNanos = .max
    next.server.cpuSeconds = 1e18
    next.server.tickToEvent.count = 1
    next.server.tickToEvent.p99 = .max
    state.take(next)
    state.take((1...30).map { event($0, symbol: $0.isMultiple(of: 2) ? "価格価格価格価格" : "A\n\u{1B}c") })
    state.notice = "a notice that is longer than any screen " + String(repeating: "価", count: 100)
    return state
  }

  @Test(arguments: [true, false])
  func everySizeIsFilledExactly(isInteractive: Bool) {
    var lost = crowded()
    lost.lost("no connection; trying again")
    for state in [crowded(), lost, TopState(address: "h:1"), state([]), state([channel("a")])] {
      for (width, height) in (1...130).map({ ($0, 24) }) + (1...60).map({ (80, $0) }) + (1...12).map({ ($0, $0) }) {
        let lines = TopScreen(state: state, width: width, height: height, isInteractive: isInteractive).lines
        #expect(lines.count == height, "\(width)×\(height)")
        for line in lines {
          #expect(Cells.width(of: line.text) == width, "\(width)×\(height): '\(line.text)'")
          #expect(!line.text.unicodeScalars.contains { $0.value < 0x20 })
        }
      }
    }
    #expect(TopScreen(state: crowded(), width: 0, height: 3).lines.count == 3)
    #expect(TopScreen(state: crowded(), width: 3, height: -1).lines.isEmpty)
  }

  @Test func aScreenOfEightyByTwentyFourShowsEverything() {
    var state = state([channel("ticks-1", rate: 36_400, depth: 512, p99: 101_000_000), channel("values-1")])
    var next = snapshot([channel("ticks-1", rate: 36_400, depth: 512, p99: 101_000_000), channel("values-1")], at: 2)
    next.server.publishedItems = 36_400
    next.server.cpuSeconds = 0.5
    next.server.uptimeNanos = 200_000_000_000
    state.take(next)
    state.take([event(1), event(2, symbol: "QQQ")])
    let lines = TopScreen(state: state, width: 80, height: 24).lines.map { Cells.trimmed($0.text) }
    #expect(lines[0] == "penstock top  127.0.0.1:7171  up 3m 20s  2023-11-14 22:13:22 UTC")
    #expect(lines[1] == "items/s 36.4k   events/s 0   tick to event p50 –   p99 –")
    #expect(lines[2] == "connections 0   subscribers 0   memory 0 B   CPU 50 %")
    #expect(lines[3] == " name       type state    break  health    depth items/s  drop  fail   p99  syms")
    #expect(lines[4] == ">ticks-1    tick running  closed healthy   ██▌··   36.4k     0     0 101ms     0")
    #expect(lines[5].hasPrefix(" values-1   tick"))
    #expect(lines[7].hasPrefix("time (UTC)   symbol     event"))
    #expect(lines[8] == "08:07:30.560 QQQ        VOLUME_SPIKE        ▲ up         166.49    12.2 ticks-1")
    #expect(lines[9].contains("SPY"))
    #expect(lines[23] == "q quit  ↑↓ choose  p pause, resume  s sort (name)")
  }

  @Test func theChosenChannelIsAlwaysOnTheScreen() {
    var state = state((0..<40).map { channel("ticks-\($0 + 10)") })
    for step in 0..<45 {
      let lines = TopScreen(state: state, width: 80, height: 24).lines
      let chosen = lines.filter(\.isChosen)
      #expect(chosen.count == 1 && chosen[0].text.hasPrefix(">ticks-\(min(step, 39) + 10) "))
      #expect(state.press(.down) == .none)
    }
    for _ in 0..<45 { _ = state.press(.letter("k")) }
    #expect(
      TopScreen(state: state, width: 80, height: 24).lines.first(where: \.isChosen)?.text.hasPrefix(">ticks-10 ")
        == true)
  }

  @Test func narrowScreensKeepWhatIsNeededMost() {
    let screen = TopScreen(state: state([channel("ticks-1")]), width: 20, height: 10).lines.map(\.text)
    #expect(screen[3].hasPrefix(" name       state"))
    // Wide ones show long names whole.
    let long = String(repeating: "n", count: 30)
    #expect(TopScreen(state: state([channel(long)]), width: 120, height: 10).lines[4].text.contains(long))
  }

  @Test func orders() {
    var state = state([
      channel("b", rate: 5, depth: 1, p99: 7), channel("a", rate: 1, depth: 9, p99: 7),
      channel("c", rate: 9, depth: 2, p99: 8),
    ])
    #expect(state.channels.map(\.channel) == ["a", "b", "c"])
    for expected in [["c", "b", "a"], ["a", "c", "b"], ["c", "a", "b"], ["a", "b", "c"]] {
      _ = state.press(.letter("s"))
      #expect(state.channels.map(\.channel) == expected)
    }
  }

  @Test func theChosenOneStaysChosenInAnyOrder() {
    var state = state([channel("a", rate: 1), channel("b", rate: 2), channel("c", rate: 3)])
    _ = state.press(.down)
    _ = state.press(.letter("s"))
    #expect(state.chosenIndex(in: state.channels).map { state.channels[$0].channel } == "b")
    // It is gone: the first is chosen.
    state.take(snapshot([channel("a"), channel("c", rate: 3)], at: 2))
    #expect(state.chosenIndex(in: state.channels).map { state.channels[$0].channel } == "c")
  }

  @Test func keysRequest() {
    var state = state([channel("a"), channel("b", state: .paused), channel("c", state: .stopped)])
    #expect(state.press(.letter("p")) == .pause("a"))
    #expect(state.press(.down) == .none)
    #expect(state.press(.letter("p")) == .resume("b"))
    #expect(state.press(.letter("j")) == .none)
    #expect(state.press(.letter("p")) == .none)
    #expect(state.notice.hasPrefix("c is STOPPED"))
    #expect(state.press(.letter("x")) == .none)
    #expect(state.notice.isEmpty)
    #expect(state.press(.letter("q")) == .quit)
    #expect(state.press(.interrupt) == .quit)
    var empty = TopState(address: "")
    #expect(empty.press(.letter("p")) == .none && empty.press(.up) == .none)
  }

  @Test func ratesComeFromTwoSnapshotsOfOneConnection() {
    var state = TopState(address: "")
    #expect(state.rates == nil)
    state.take(snapshot([]))
    #expect(state.rates == nil)
    var next = snapshot([], at: 3)
    next.server.publishedItems = 100
    next.server.cpuSeconds = 1
    state.take(next)
    #expect(state.rates?.items == 50 && state.rates?.events == 0 && state.rates?.cpu == 0.5)
    // Counters that fell: another life of the server.
    state.take(snapshot([], at: 4))
    #expect(state.rates?.items == 0 && state.rates?.cpu == 0)
    state.connected()
    #expect(state.rates == nil && state.snapshot == nil)
  }

  @Test func onlyTheNewestEventsAreKept() {
    var state = TopState(address: "")
    for first in stride(from: UInt64(1), to: 2_000, by: 100) { state.take((first..<first + 100).map { event($0) }) }
    #expect(state.events.count == TopState.eventsKept && state.events.last?.sequence == 2_000)
  }

  @Test(arguments: [
    ([0x1B, 0x5B, 0x41], [Key.up]), ([0x1B, 0x4F, 0x42], [.down]),
    (Array("jks".utf8), [.letter("j"), .letter("k"), .letter("s")]),
    ([0x03], [.interrupt]), ([0x1B, 0x03], [.interrupt]),
    // Shift and the up arrow; a function key; a mouse's report; what is no key at all.
    (Array("\u{1B}[1;2Aq".utf8), [.up, .letter("q")]), (Array("\u{1B}[15~p".utf8), [.letter("p")]),
    (Array("\u{1B}[<0;12;9Mq".utf8), [.letter("q")]), (Array("é価".utf8), []), ([0x0D, 0x7F, 0x00], []),
    // ESC alone, then a letter; ESC twice before an arrow.
    ([0x1B, 0x71], [.letter("q")]), ([0x1B, 0x1B, 0x5B, 0x42], [.down]),
  ])
  func keysAreDecodedHoweverTheyAreCut(bytes: [UInt8], keys: [Key]) {
    for cut in 0...bytes.count {
      var decoder = KeyDecoder()
      #expect(decoder.decode(bytes.prefix(cut)) + decoder.decode(bytes.dropFirst(cut)) == keys)
    }
  }

  @Test func bars() {
    #expect(TopTable.bar(0, of: 100, width: 4) == "····")
    #expect(TopTable.bar(1, of: 1_000_000, width: 4) == "▏···")
    #expect(TopTable.bar(50, of: 100, width: 4) == "██··")
    #expect(TopTable.bar(100, of: 100, width: 4) == "████")
    #expect(TopTable.bar(.max, of: 100, width: 4) == "████")
    #expect(TopTable.bar(5, of: 0, width: 4) == "▏···")
    #expect(TopTable.bar(5, of: 5, width: 0) == "")
  }

  @Test func colourIsOnlyWhereItIsWanted() {
    var line = StyledLine("a", .bad)
    line.add("b", .strong)
    #expect(line.rendered(inColour: true) == "\u{1B}[31ma\u{1B}[0m\u{1B}[1mb\u{1B}[0m")
    #expect(line.rendered(inColour: false) == "a\u{1B}[1mb\u{1B}[0m")
    line.isChosen = true
    #expect(line.fitted(1).rendered(inColour: false) == "\u{1B}[7m…\u{1B}[0m" || line.fitted(1).text == "a")
  }

  @Test func partsShareTheHeight() {
    for height in 0...60 {
      for channels in [0, 1, 4, 40, 256] {
        let plan = TopPlan(height: height, channels: channels, hasKeys: true)
        let used =
          plan.title + plan.figures + plan.head + plan.rows + plan.reason + plan.eventsHead + plan.events + plan.keys
        #expect(used <= height && plan.rows <= channels)
        if height >= 24 { #expect(plan.events >= 5 && plan.rows >= min(channels, 8)) }
      }
    }
  }

  @Test(arguments: [["top"], ["top", "--once", "--interval", "250ms"], ["top", "--server", "127.0.0.1:1"]])
  func commandsParse(arguments: [String]) throws {
    _ = try PenstockCommand.parseAsRoot(arguments)
  }
}
