internal import MarketData

/// One symbol's bars of one duration, with the versions in which a bar may come: partial ones, a final one, and corrections of that.
///
/// - Cost: that of `BarState`, and a copy of it a bar: the newest bar may be corrected. Source: detectors.md, "Versions".
struct BarSeries: Equatable, Sendable {
  static let dayNanos: Int64 = 86_400_000_000_000

  let durationNanos: Int64
  /// The newest bar's start, whatever its version.
  private(set) var start = UnixNanos(.min)
  /// The first bar's.
  private var firstEver = UnixNanos(.min)
  private var hasBar = false
  /// The newest bar while it has partial versions only.
  private var partial: Bar?
  /// With the newest final bar in it, and without: what a correction goes on from.
  private var current = BarState()
  private var before = BarState()
  /// Of the newest final bar.
  private var told = ToldBarEvents()

  init(durationNanos: Int64) { self.durationNanos = durationNanos }

  var lastClose: Double { current.previousClose }
  var session: TradingSession { current.segment.session }

  mutating func take(
    _ bar: Bar, _ settings: BarDetectorSettings, _ calendar: TradingCalendar, events: inout [MarketEvent]
  ) -> ItemOutcome {
    guard !hasBar || bar.start >= start else { return .late }
    var bar = bar
    // contract.md lets rounding pass: an open or close outside by an ulp would make extremes that no price has.
    bar.high = max(bar.high, max(bar.open, bar.close))
    bar.low = min(bar.low, min(bar.open, bar.close))
    if hasBar, bar.start == start { return revise(bar, settings, calendar, &events) }
    if let last = partial {
      // Nothing better came: it stands as its newest partial version says. What becomes of it belongs to no item that waits for an answer.
      partial = nil
      _ = finish(last, settings, calendar, &events)
    }
    if !hasBar { firstEver = bar.start }
    hasBar = true
    start = bar.start
    guard bar.isPartial else { return finish(bar, settings, calendar, &events) }
    partial = bar
    return []
  }

  /// Another version of the newest bar.
  private mutating func revise(
    _ bar: Bar, _ settings: BarDetectorSettings, _ calendar: TradingCalendar, _ events: inout [MarketEvent]
  ) -> ItemOutcome {
    if bar.isPartial {
      // One that is final is not unfinished again.
      guard partial != nil else { return .late }
      partial = bar
      return .revised
    }
    guard partial == nil else {
      partial = nil
      return finish(bar, settings, calendar, &events).union(.revised)
    }
    current = before
    let first = events.count
    let outcome = current.take(bar, firstEver: firstEver, settings, calendar, events: &events)
    told.keepNews(of: &events, from: first)
    return outcome.union(.revised)
  }

  private mutating func finish(
    _ bar: Bar, _ settings: BarDetectorSettings, _ calendar: TradingCalendar, _ events: inout [MarketEvent]
  ) -> ItemOutcome {
    before = current
    told.removeAll()
    let first = events.count
    var bar = bar
    bar.isPartial = false
    let outcome = current.take(bar, firstEver: firstEver, settings, calendar, events: &events)
    told.keepNews(of: &events, from: first)
    return outcome
  }

  /// Sessions of another calendar: the last answers do not hold any more.
  mutating func forgetCalendar() {
    current.forgetCalendar()
    before.forgetCalendar()
  }
}

/// What has been announced for one bar: a correction announces what is new only.
struct ToldBarEvents: Equatable, Sendable {
  private struct Window: Equatable, Sendable {
    /// As announced last.
    var bar: Bar
    var times: UInt32
  }

  /// Four bits a type, one a direction.
  private var announced: UInt64 = 0
  private var windows: [Window] = []

  init() {}

  mutating func removeAll() {
    announced = 0
    windows.removeAll(keepingCapacity: true)
  }

  /// Takes out of `events`, from `first` on, what has been announced before, and numbers the rest.
  mutating func keepNews(of events: inout [MarketEvent], from first: Int) {
    var kept = first
    for index in first..<max(first, events.count) {
      var event = events[index]
      let occurrence: UInt32?
      if case .barClosed(let bar) = event.detail { occurrence = take(bar) } else { occurrence = take(event) }
      guard let occurrence else { continue }
      event.occurrence = occurrence
      events[kept] = event
      kept += 1
    }
    events.removeSubrange(kept..<max(kept, events.count))
  }

  /// By type and direction.
  private mutating func take(_ event: MarketEvent) -> UInt32? {
    let shift = UInt64(event.type.rawValue) * 4
    let bit: UInt64 = 1 << (shift + UInt64(event.direction.rawValue))
    guard announced & bit == 0 else { return nil }
    let before = (announced >> shift & 0xF).nonzeroBitCount
    announced |= bit
    return UInt32(before)
  }

  /// By window, as long as its content is the same. The number counts all windows of its length, which share the id's SOURCE.
  private mutating func take(_ bar: Bar) -> UInt32? {
    let before = windows.reduce(0) { $0 + ($1.bar.durationNanos == bar.durationNanos ? $1.times : 0) }
    let place = windows.firstIndex { $0.bar.durationNanos == bar.durationNanos && $0.bar.start == bar.start }
    if let place {
      guard windows[place].bar != bar else { return nil }
      windows[place].bar = bar
      windows[place].times &+= 1
    } else {
      windows.append(Window(bar: bar, times: 1))
    }
    return before
  }
}
