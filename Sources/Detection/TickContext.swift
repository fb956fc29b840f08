internal import MarketData

/// What the detectors look at: one good tick and the state of its session with the tick in it.
struct TickContext: BitwiseCopyable {
  let symbol: SymbolID
  /// The tick's time, or the watermark where the tick is older.
  let time: UnixNanos
  let price: Double
  let size: Double
  let session: TradingSession
  let sessionStart: UnixNanos
  /// Of the session's first good tick.
  let firstTime: UnixNanos
  let firstPrice: Double
  /// q of detectors.md.
  var relativeVolume = 0.0
  /// R·W.
  var meanVolume = 0.0
  /// Per square root of a second.
  var sigma = 0.0
  /// The price carried at the end of second k − W; NaN where the window is not defined.
  var base = Double.nan
  /// The extremes of the good prices of the session's trading date, this one included.
  var dayHigh = 0.0
  var dayLow = 0.0

  /// Nanoseconds since the session's first good tick.
  var age: Int64 { time.nanoseconds &- firstTime.nanoseconds }

  /// Percent from the base to the price; NaN where the window is not defined.
  var movePct: Double { 100 * (price / base - 1) }

  /// The sign of r: FLAT at 0 or where it is not defined.
  var windowDirection: Direction { price > base ? .up : price < base ? .down : .flat }

  func event(
    _ type: EventType, _ direction: Direction, price: Double? = nil, significance: Double, _ detail: EventDetail,
    occurrences: inout EventOccurrences
  ) -> MarketEvent {
    MarketEvent(
      type: type, direction: direction, session: session, symbol: symbol, source: .tick,
      occurrence: occurrences.next(type, at: time), eventTime: time, price: price ?? self.price, size: size,
      significance: significance, detail: detail)
  }
}

/// Counts further events of one symbol, source and type at one time: the `n` of their ids.
struct EventOccurrences: BitwiseCopyable, Sendable {
  private var times = InlineArray<13, Int64>(repeating: .min)
  private var counts = InlineArray<13, UInt32>(repeating: 0)

  init() {}

  mutating func next(_ type: EventType, at time: UnixNanos) -> UInt32 {
    let index = Int(type.rawValue)
    guard times[index] == time.nanoseconds else {
      times[index] = time.nanoseconds
      counts[index] = 0
      return 0
    }
    counts[index] &+= 1
    return counts[index]
  }
}
