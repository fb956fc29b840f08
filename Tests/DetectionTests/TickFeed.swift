import Detection
import MarketData

/// An engine with one symbol, fed by seconds since the day began.
struct TickFeed {
  /// 2023-11-15 00:00 UTC.
  static let day: Int64 = 1_700_006_400_000_000_000

  var engine: TickEngine
  var events: [MarketEvent] = []

  init(_ calendar: TradingCalendar = .continuous, _ change: (inout TickDetectorSettings) -> Void = { _ in }) {
    var settings = TickDetectorSettings()
    change(&settings)
    engine = TickEngine(profiles: [TickProfile(name: "p", calendar: calendar, settings: settings)])
  }

  @discardableResult
  mutating func tick(_ at: Double, _ price: Double, _ size: Double = 1, _ conditions: TickConditions = [])
    -> ItemOutcome
  {
    let time = UnixNanos(Self.day + Int64(at * 1e9))
    let outcome = engine.process(
      Tick(symbol: SymbolID(0), conditions: conditions, eventTime: time, price: price, size: size), profile: 0,
      events: &events)
    return outcome.subtracting(.lookedAt)
  }

  var types: [EventType] { events.map(\.type) }

  mutating func taken() -> [EventType] {
    defer { events.removeAll() }
    return types
  }
}
