import Detection
import MarketData
import TestKit
import Testing

/// Bars that come in several versions: partial ones, final ones, and corrections.
@Suite struct BarVersionsTests {
  private static let minute: Int64 = 60_000_000_000
  /// 2023-11-15 00:00 UTC.
  private static let day: Int64 = 1_700_006_400_000_000_000

  private static func bar(_ at: Int64, _ open: Double, _ close: Double, volume: Double = 100, partial: Bool = false)
    -> Bar
  {
    var bar = Bar(
      symbol: SymbolID(0), start: UnixNanos(day + at * minute), durationNanos: minute, open: open,
      high: max(open, close), low: min(open, close), close: close, volume: volume, vwap: 0, tradeCount: 2)
    bar.isPartial = partial
    return bar
  }

  private static func makeEngine() -> BarEngine {
    var settings = BarDetectorSettings()
    settings.highLow.closes = 5
    settings.aggregate.windowsNanos = [5 * minute, 15 * minute]
    return BarEngine(profiles: [BarProfile(name: "p", calendar: .continuous, settings: settings)])
  }

  private struct Feed {
    var engine = makeEngine()
    var events: [MarketEvent] = []

    @discardableResult
    mutating func take(_ bar: Bar) -> ItemOutcome { engine.process(bar, profile: 0, events: &events) }

    mutating func taken() -> [MarketEvent] {
      defer { events.removeAll() }
      return events
    }
  }

  // MARK: - Partial versions

  /// 50 to 50.6 is 1.2 %; it is told by the bar after it, with its own start.
  @Test(arguments: [false, true])
  func aPartialBarCountsWhenALaterOneComes(laterIsPartial: Bool) {
    var feed = Feed()
    feed.take(Self.bar(0, 50, 50))
    #expect(feed.take(Self.bar(1, 50, 51.5, partial: true)) == [])
    #expect(feed.take(Self.bar(1, 50, 50.6, partial: true)) == .revised)
    #expect(feed.taken().isEmpty)
    #expect(feed.engine.snapshot(of: SymbolID(0))?.lastPrice == 50)
    #expect(feed.take(Self.bar(2, 51.2, 51.2, partial: laterIsPartial)) == [])
    let events = feed.taken()
    #expect(events.map(\.type) == (laterIsPartial ? [.significantMove] : [.significantMove, .gap, .significantMove]))
    #expect(events[0].eventTime.nanoseconds == Self.day + Self.minute && events[0].price == 50.6)
  }

  @Test func aFinalVersionForgetsThePartialOnesAndIsNotUnfinishedAgain() {
    var feed = Feed()
    feed.take(Self.bar(0, 50, 50))
    feed.take(Self.bar(1, 50, 51, partial: true))
    #expect(feed.take(Self.bar(1, 50, 50.1)) == .revised)
    #expect(feed.take(Self.bar(1, 50, 53, partial: true)) == .late)
    feed.take(Self.bar(2, 50.1, 50.1))
    #expect(feed.taken().isEmpty)
  }

  /// A feed that sends its bar at every trade: one version is kept, whatever came before it.
  @Test func tenThousandPartialVersionsAreOne() {
    var feed = Feed()
    var plain = Feed()
    for at in 0..<7 {
      feed.take(Self.bar(Int64(at), 50, 50))
      plain.take(Self.bar(Int64(at), 50, 50))
    }
    for number in 0..<10_000 {
      #expect(feed.take(Self.bar(7, 50, 50 + Double(number % 100), partial: true)) == (number == 0 ? [] : .revised))
    }
    plain.take(Self.bar(7, 50, 149, partial: true))
    #expect(feed.taken() == plain.taken())
    for engine in [7, 8] {
      feed.take(Self.bar(Int64(engine), 149, 149))
      plain.take(Self.bar(Int64(engine), 149, 149))
    }
    #expect(feed.taken() == plain.taken())
    #expect(feed.engine.takeState(of: SymbolID(0)) == plain.engine.takeState(of: SymbolID(0)))
  }

  // MARK: - Corrections

  /// 50.3 is 0.6 % up, 50.4 no news, 49.6 is 0.8 % down: news of the other direction, with the next number.
  @Test func aCorrectionTellsWhatIsNewOnly() {
    var feed = Feed()
    feed.take(Self.bar(0, 50, 50))
    feed.take(Self.bar(1, 50, 50.1))
    #expect(feed.taken().isEmpty)
    for close in [50.3, 50.4, 49.6, 50.5] { #expect(feed.take(Self.bar(1, 50, close)) == .revised) }
    let events = feed.taken()
    #expect(events.map(\.type) == [.significantMove, .significantMove])
    #expect(events.map(\.direction) == [.up, .down])
    #expect(events.map(\.occurrence) == [0, 1])
    // The state is as if 50.5 had been the only version: 50.5 is no gap.
    feed.take(Self.bar(2, 50.5, 50.5))
    #expect(feed.taken().isEmpty)
  }

  /// The mean before it is 100; the first version's 400 do not count for anything.
  @Test func aCorrectedVolumeCountsOnce() {
    var feed = Feed()
    for at in 0..<10 { feed.take(Self.bar(Int64(at), 50, 50)) }
    _ = feed.taken()
    feed.take(Self.bar(10, 50, 50, volume: 400))
    feed.take(Self.bar(10, 50, 50, volume: 100))
    feed.take(Self.bar(11, 50, 50, volume: 500))
    #expect(feed.taken().map(\.type) == [.volumeSpike])
  }

  @Test func aWindowIsToldAgainWhenItsContentHasChanged() {
    var feed = Feed()
    for at in 0..<5 { feed.take(Self.bar(Int64(at), 50, 50)) }
    feed.take(Self.bar(4, 50, 50))
    feed.take(Self.bar(4, 50, 50, volume: 150))
    feed.take(Self.bar(4, 50, 50, volume: 150))
    feed.take(Self.bar(4, 50, 50))
    let events = feed.taken()
    #expect(events.map(\.occurrence) == [0, 1, 2])
    #expect(events.allSatisfy { $0.type == .barClosed })
    #expect(events.map(\.size) == [500, 550, 500])
  }

  @Test func aBarLongGoneCannotBeCorrected() {
    var feed = Feed()
    for at in 0..<200 { feed.take(Self.bar(Int64(at), 50, 50)) }
    _ = feed.taken()
    var other = feed
    for at in [0, 1, 100, 198] { #expect(feed.take(Self.bar(Int64(at), 50, 99)) == .late) }
    #expect(feed.events.isEmpty)
    #expect(feed.engine.takeState(of: SymbolID(0)) == other.engine.takeState(of: SymbolID(0)))
  }

  /// Each bar in up to four versions, against an engine that is given the final ones alone, from the beginning, for each version anew.
  @Test(arguments: 0..<8)
  func correctionsLeaveTheStateOfTheLastVersionAlone(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var feed = Feed()
    var finals: [Bar] = []
    var waiting: Bar?
    var expected: [MarketEvent] = []
    var told: [MarketEvent] = []
    var price = 50.0

    /// What a bar causes behind the final ones, without what has been told.
    func tell(_ bar: Bar) {
      var engine = Self.makeEngine()
      var events: [MarketEvent] = []
      for bar in finals { _ = engine.process(bar, profile: 0, events: &events) }
      events.removeAll()
      _ = engine.process(bar, profile: 0, events: &events)
      for event in events {
        let alike = told.filter { $0.type == event.type && $0.source == event.source }
        if case .barClosed(let window) = event.detail {
          let last = alike.last { if case .barClosed(let bar) = $0.detail { bar.start == window.start } else { false } }
          if last?.detail == event.detail { continue }
        } else if alike.contains(where: { $0.direction == event.direction }) {
          continue
        }
        var news = event
        news.occurrence = UInt32(alike.count)
        told.append(news)
        expected.append(news)
      }
    }

    for at in 0..<70 {
      if var bar = waiting {
        told = []
        bar.isPartial = false
        tell(bar)
        finals.append(bar)
        waiting = nil
      }
      var isFinal = false
      let start = Int64(at) + (random.next() % 9 == 0 ? 1 : 0)
      if let last = finals.last, last.start.nanoseconds >= Self.day + start * Self.minute { continue }
      for _ in 0...(random.next() % 4) {
        let close = price * (1 + (Double(random.next() % 41) - 20) / 2_000)
        let open = price * (random.next() % 6 == 0 ? 1.011 : 1)
        let isPartial = random.next() % 2 == 0
        let bar = Self.bar(start, open, close, volume: Double(random.next() % 10) * 100, partial: isPartial)
        _ = feed.take(bar)
        if isPartial {
          if !isFinal { waiting = bar }
          continue
        }
        if isFinal { finals.removeLast() } else { told = [] }
        waiting = nil
        isFinal = true
        tell(bar)
        finals.append(bar)
      }
      price = waiting?.close ?? finals.last?.close ?? price
    }
    for (found, wanted) in zip(feed.events, expected) where found != wanted {
      Issue.record("\(found) instead of \(wanted)")
      break
    }
    #expect(feed.events.count == expected.count)
    #expect(expected.contains { $0.occurrence > 0 })
  }

  // MARK: - Where the input begins

  /// From 00:02 on: the windows of 00:00 have no beginning; those after them are whole.
  @Test(arguments: [0, 2])
  func aWindowInWhichTheInputBeginsIsIncomplete(first: Int64) {
    var feed = Feed()
    // A partial one too is the first that is seen.
    feed.take(Self.bar(first, 50, 50, partial: true))
    for at in (first + 1)..<30 { feed.take(Self.bar(at, 50, 50)) }
    let windows = feed.taken().compactMap { if case .barClosed(let bar) = $0.detail { bar } else { nil } }
    #expect(windows.count == 8)
    for window in windows {
      #expect(window.isIncomplete == (first == 2 && window.start.nanoseconds == Self.day), "\(window)")
    }
  }

  /// A close above the high by a rounding error widens it, so that no window has a high that lies below its close.
  @Test func highAndLowContainOpenAndClose() {
    var feed = Feed()
    var bar = Self.bar(0, 50, 50)
    bar.close = 50.0.nextUp
    bar.open = 50.0.nextDown
    feed.take(bar)
    for at in 1..<5 { feed.take(Self.bar(Int64(at), 50, 50)) }
    guard case .barClosed(let window)? = feed.taken().first?.detail else { return #expect(Bool(false)) }
    #expect(window.high == 50.0.nextUp && window.low == 50.0.nextDown)
  }
}
