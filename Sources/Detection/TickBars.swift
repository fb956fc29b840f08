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
  private var midnight = UnixNanos(0)
  private var dayEnd = UnixNanos(.min)

  init(lengths: [Int64]) { slots = lengths.map { Slot(length: $0) } }

  /// Windows that are no longer wanted go, silently; the others stay.
  mutating func change(to lengths: [Int64]) {
    let old = slots
    slots = lengths.map { length in old.first { $0.length == length } ?? Slot(length: length) }
    dayEnd = UnixNanos(.min)
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

  /// Adds a good tick.
  /// - Parameter volume: its size, or 0 where that counts for no volume.
  mutating func add(
    _ tick: Tick, at time: UnixNanos, volume: Double, segment: CalendarSegment, calendar: TradingCalendar
  ) {
    if time < midnight || time >= dayEnd {
      let day = calendar.day(at: time)
      midnight = day.start
      dayEnd = day.end
    }
    let part = Bar(
      symbol: tick.symbol, start: time, durationNanos: 1, open: tick.price, high: tick.price, low: tick.price,
      close: tick.price, volume: volume, vwap: tick.price, tradeCount: 1)
    for index in slots.indices {
      if slots[index].window == nil {
        slots[index].window = BarWindow(part, length: slots[index].length, segment: segment, midnight: midnight)
      } else {
        slots[index].window?.add(part)
      }
    }
  }
}
