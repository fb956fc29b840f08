internal import MarketData

/// Bars put together from one symbol's good ticks.
///
/// - Reset: never; windows are cut at session changes.
/// - Cost: O(durations) a tick. Source: detectors.md, "Tick channels build bars too".
struct TickBars: Sendable {
  private struct Slot: Sendable {
    /// Nominal, in nanoseconds.
    let length: Int64
    var window: BarWindow?
  }

  /// Shorter ones first.
  private var slots: [Slot] = []
  /// The session whose midnight is known, by its beginning.
  private var sessionStart = UnixNanos(.min)
  /// The local midnight at or before it: windows are aligned to that.
  private var midnight = UnixNanos(0)

  init(lengths: [Int64]) { slots = lengths.map { Slot(length: $0) } }

  /// Windows that are no longer wanted go, silently; the others stay.
  mutating func change(to lengths: [Int64]) {
    let old = slots
    slots = lengths.map { length in old.first { $0.length == length } ?? Slot(length: length) }
    sessionStart = UnixNanos(.min)
  }

  /// Closes what ends at or before a good tick's time.
  mutating func close(
    at time: UnixNanos, occurrences: inout EventOccurrences, events: inout [MarketEvent]
  ) {
    for index in slots.indices {
      guard let window = slots[index].window, time >= window.end else { continue }
      slots[index].window = nil
      let bar = window.aggregate
      events.append(
        MarketEvent(
          type: .barClosed, direction: BarContext.direction(from: bar.open, to: bar.close), session: window.session,
          symbol: bar.symbol, source: .tick, occurrence: occurrences.next(.barClosed, at: time), eventTime: time,
          price: bar.close, size: bar.volume, significance: 0, detail: .barClosed(bar)))
    }
  }

  /// Adds a tick's size to the windows that are open at its time: its price opens none, closes none and moves none.
  mutating func addOddLot(_ tick: Tick, at time: UnixNanos) {
    for index in slots.indices where slots[index].window.map({ time < $0.end }) == true {
      slots[index].window?.addVolume(tick.size, at: tick.price)
    }
  }

  /// Adds a good tick.
  /// - Parameter firstEver: when the symbol's first tick was: a window that it lies in, but not at the start, is incomplete.
  /// - Parameter volume: its size, or 0 where that counts for no volume.
  mutating func add(
    _ tick: Tick, at time: UnixNanos, volume: Double, segment: CalendarSegment, firstEver: UnixNanos,
    calendar: TradingCalendar
  ) {
    if segment.sessionStart != sessionStart {
      sessionStart = segment.sessionStart
      midnight = calendar.day(at: sessionStart).start
    }
    let part = Bar(
      symbol: tick.symbol, start: time, durationNanos: 1, open: tick.price, high: tick.price, low: tick.price,
      close: tick.price, volume: volume, vwap: tick.price, tradeCount: 1)
    for index in slots.indices {
      if slots[index].window == nil {
        slots[index].window = BarWindow(
          part, length: slots[index].length, segment: segment, midnight: midnight, firstEver: firstEver)
      } else {
        slots[index].window?.add(part)
      }
    }
  }
}
