internal import MarketData

/// One longer bar that is being put together: an aligned window of one session.
///
/// - Cost: O(1) an addition. Source: detectors.md, "BAR_CLOSED".
struct BarWindow: BitwiseCopyable, Equatable, Sendable {
  let session: TradingSession
  /// Exclusive.
  let end: UnixNanos
  private var bar: Bar
  /// Σ vwap·volume.
  private var value = 0.0
  /// Whether a bar with volume came without its vwap.
  private var lacksVwap = false

  /// The window that contains `first`'s start.
  /// - Parameters:
  ///   - length: the nominal duration in nanoseconds, > 0.
  ///   - midnight: the local midnight at or before the session's beginning.
  ///   - firstEver: when the input of the series began.
  init(_ first: Bar, length: Int64, segment: CalendarSegment, midnight: UnixNanos, firstEver: UnixNanos) {
    session = segment.session
    // Within two days the difference does not wrap, and the aligned start lies between midnight and the bar.
    let offset = first.start.nanoseconds &- midnight.nanoseconds
    let aligned = first.start.nanoseconds &- offset % length
    let (alignedEnd, overflow) = aligned.addingReportingOverflow(length)
    end = min(UnixNanos(overflow ? .max : alignedEnd), segment.end)
    bar = first
    bar.start = max(UnixNanos(aligned), segment.start)
    bar.isPartial = false
    bar.isIncomplete = bar.start < firstEver && firstEver < end
    bar.durationNanos = length
    bar.vwap = 0
    addValue(first)
  }

  mutating func add(_ next: Bar) {
    bar.high = max(bar.high, next.high)
    bar.low = min(bar.low, next.low)
    bar.close = next.close
    bar.volume += next.volume
    bar.tradeCount &+= next.tradeCount
    addValue(next)
  }

  /// Adds one trade's size, without its price.
  mutating func addVolume(_ size: Double, at price: Double) {
    bar.volume += size
    bar.tradeCount &+= 1
    if size > 0 { value += price * size }
  }

  private mutating func addValue(_ part: Bar) {
    guard part.volume > 0 else { return }
    if part.vwap > 0 { value += part.vwap * part.volume } else { lacksVwap = true }
  }

  /// The window as a bar, whether its time is over or not.
  var aggregate: Bar {
    var whole = bar
    let vwap = lacksVwap || whole.volume <= 0 ? 0 : value / whole.volume
    // Sums of the largest numbers have no quotient.
    whole.vwap = vwap.isFinite ? vwap : 0
    return whole
  }
}

/// Bars of one duration put together into longer ones.
///
/// - Cost: O(windows) a bar. Source: detectors.md, "BAR_CLOSED".
struct BarAggregate: Equatable, Sendable {
  private struct Slot: Equatable, Sendable {
    /// Nominal, in nanoseconds.
    let length: Int64
    var window: BarWindow?
  }

  /// Shorter windows first.
  private var slots: [Slot] = []

  init() {}

  /// Windows of earlier settings that are no longer wanted go, silently.
  mutating func prepare(durationNanos: Int64, _ settings: BarDetectorSettings.Aggregate) {
    let lengths = settings.windowsNanos.filter { settings.enabled && $0 % durationNanos == 0 }
    guard !lengths.elementsEqual(slots.map(\.length)) else { return }
    let old = slots
    slots = lengths.map { length in old.first { $0.length == length } ?? Slot(length: length) }
  }

  /// Closes what ended before the bar.
  mutating func close(before bar: Bar, events: inout [MarketEvent]) {
    for index in slots.indices {
      guard let window = slots[index].window, bar.start >= window.end else { continue }
      tell(index, window, at: bar, &events)
    }
  }

  /// Adds the bar, and closes what it completes.
  mutating func add(
    _ bar: Bar, segment: CalendarSegment, midnight: UnixNanos, firstEver: UnixNanos, events: inout [MarketEvent]
  ) {
    let (sum, overflow) = bar.start.nanoseconds.addingReportingOverflow(bar.durationNanos)
    let barEnd = UnixNanos(overflow ? .max : sum)
    for index in slots.indices {
      var window: BarWindow
      if let open = slots[index].window {
        window = open
        window.add(bar)
      } else {
        window = BarWindow(
          bar, length: slots[index].length, segment: segment, midnight: midnight, firstEver: firstEver)
      }
      slots[index].window = window
      if barEnd >= window.end { tell(index, window, at: bar, &events) }
    }
  }

  private mutating func tell(_ index: Int, _ window: BarWindow, at cause: Bar, _ events: inout [MarketEvent]) {
    let bar = window.aggregate
    events.append(
      MarketEvent(
        type: .barClosed, direction: BarContext.direction(from: bar.open, to: bar.close), session: window.session,
        symbol: bar.symbol, source: .barWindow(durationNanos: cause.durationNanos, windowNanos: bar.durationNanos),
        occurrence: 0, eventTime: cause.start, price: bar.close, size: bar.volume, significance: 0,
        detail: .barClosed(bar)))
    slots[index].window = nil
  }
}
