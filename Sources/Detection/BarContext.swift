internal import MarketData

/// What the bar detectors look at: one bar, its session, and the bar before it.
struct BarContext {
  let bar: Bar
  let session: TradingSession
  /// 0 = there was no bar before.
  let previousClose: Double
  /// Whether the bar before lies in the same session.
  let followsInSession: Bool
  /// Whether the newest bar before that lay in a session lay in this one: bars in a break do not count.
  let continuesSession: Bool

  var isDaily: Bool { bar.durationNanos >= BarSeries.dayNanos }

  /// The sign of close − open.
  var direction: Direction { BarContext.direction(from: bar.open, to: bar.close) }

  static func direction(from a: Double, to b: Double) -> Direction { b > a ? .up : b < a ? .down : .flat }

  func event(
    _ type: EventType, _ direction: Direction, price: Double? = nil, significance: Double, _ detail: EventDetail
  ) -> MarketEvent {
    // The occurrence is counted over the bar's versions, by `ToldBarEvents`.
    MarketEvent(
      type: type, direction: direction, session: session, symbol: bar.symbol,
      source: .bar(durationNanos: bar.durationNanos), occurrence: 0, eventTime: bar.start, price: price ?? bar.close,
      size: bar.volume, significance: significance, detail: detail)
  }
}

/// The newest values of a series, at most as many as are asked for.
struct RecentValues: Equatable, Sendable {
  private var values: [Double] = []
  /// The oldest value's place.
  private var head = 0

  init() {}

  var count: Int { values.count }

  /// Adds one and drops the oldest beyond `limit`, which is at least 1.
  mutating func append(_ value: Double, limit: Int) {
    if values.count == limit {
      values[head] = value
      head = head + 1 == limit ? 0 : head + 1
      return
    }
    // Filling, or the limit was changed meanwhile.
    values = Array((values[head...] + values[..<head]).suffix(limit - 1))
    values.append(value)
    head = 0
  }

  mutating func removeAll() {
    values.removeAll(keepingCapacity: true)
    head = 0
  }

  /// Of the newest `count`, in no order; all that there are where they are fewer.
  func newest(_ count: Int) -> [Double] {
    count >= values.count ? values : Array((values[head...] + values[..<head]).suffix(count))
  }
}
