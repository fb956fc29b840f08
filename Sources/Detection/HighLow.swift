internal import MarketData

/// Session extremes of one symbol: announces a new high or low once it clears the announced one by a threshold.
///
/// - Input: good ticks in the channel's order. Reset: the first tick of a session sets both extremes and announces none.
/// - Cost: O(1), no allocation. Source: detectors.md, "HIGH, LOW".
struct HighLow: BitwiseCopyable {
  struct Side: BitwiseCopyable {
    var extreme: Double
    var anchor: Double
    var extremeTime: UnixNanos
    var announcedTime = UnixNanos(0)
    var count: UInt32 = 0
    var pending = false

    init(_ price: Double, _ time: UnixNanos) {
      extreme = price
      anchor = price
      extremeTime = time
    }

    func wasAnnounced(within window: Int64, of time: UnixNanos) -> Bool {
      count > 0 && time.nanoseconds &- announcedTime.nanoseconds <= window
    }
  }

  private(set) var high: Side
  private(set) var low: Side
  /// While prices stay between the extremes, nothing is due before this moment.
  private var quietUntil = Int64.max

  init(price: Double, time: UnixNanos) {
    high = Side(price, time)
    low = Side(price, time)
  }

  /// Whether the tick moves an extreme, or one that waits to be announced may be due: else there is nothing to look at.
  @inline(__always)
  func concerns(_ price: Double, at time: UnixNanos) -> Bool {
    price > high.extreme || price < low.extreme || time.nanoseconds >= quietUntil
  }

  mutating func look(
    _ tick: TickContext, trend: Direction, surge: Direction, _ settings: CompiledSettings,
    occurrences: inout EventOccurrences, events: inout [MarketEvent]
  ) {
    if tick.price > high.extreme { Self.move(&high, tick) }
    if tick.price < low.extreme { Self.move(&low, tick) }
    quietUntil = .max
    guard settings.highLow.enabled else { return }
    if high.pending {
      if let due = dueTime(high, tick, settings, distance: high.extreme - high.anchor) {
        quietUntil = due
      } else {
        announce(.high, tick, trend, surge, settings, &occurrences, &events)
      }
    }
    if low.pending {
      if let due = dueTime(low, tick, settings, distance: low.anchor - low.extreme) {
        quietUntil = min(quietUntil, due)
      } else {
        announce(.low, tick, trend, surge, settings, &occurrences, &events)
      }
    }
  }

  /// Settings have changed: the next tick looks at what waits by the new ones.
  mutating func lookAgain() { quietUntil = .min }

  /// Between the extremes nothing happens before a pending one's cooldown or the opening ends.
  func narrow(_ range: inout QuietRange) {
    range.keep(between: low.extreme, and: high.extreme)
    range.end(at: quietUntil)
  }

  private static func move(_ side: inout Side, _ tick: TickContext) {
    side.extreme = tick.price
    side.extremeTime = tick.time
    side.pending = true
  }

  /// When a pending extreme may next be due if it does not move; nil = now.
  private func dueTime(
    _ side: Side, _ tick: TickContext, _ settings: CompiledSettings, distance: Double
  ) -> Int64? {
    let opening = openingEnd(tick, settings)
    let threshold = factor(tick, opening, settings) * settings.leastChange(extreme: side.extreme, anchor: side.anchor)
    guard Slack.reaches(difference: distance, threshold, price: side.extreme) else { return opening ?? .max }
    guard side.count > 0 else { return nil }
    let (end, overflow) = side.announcedTime.nanoseconds.addingReportingOverflow(settings.highLow.cooldownNanos)
    return tick.time.nanoseconds &- side.announcedTime.nanoseconds >= settings.highLow.cooldownNanos
      ? nil : overflow ? .max : end
  }

  /// When REGULAR's opening ends, while it lasts.
  private func openingEnd(_ tick: TickContext, _ settings: CompiledSettings) -> Int64? {
    guard tick.session == .regular,
      tick.time.nanoseconds &- tick.sessionStart.nanoseconds < settings.highLow.openingTimeNanos
    else { return nil }
    let (end, overflow) = tick.sessionStart.nanoseconds.addingReportingOverflow(settings.highLow.openingTimeNanos)
    return overflow ? .max : end
  }

  private func factor(_ tick: TickContext, _ openingEnd: Int64?, _ settings: CompiledSettings) -> Double {
    switch tick.session {
    case .pre, .post: settings.highLow.extendedHoursFactor
    case .regular where openingEnd != nil: settings.highLow.openingFactor
    case .regular, .closed, .continuous: 1
    }
  }

  private mutating func announce(
    _ type: EventType, _ tick: TickContext, _ trend: Direction, _ surge: Direction,
    _ settings: CompiledSettings, _ occurrences: inout EventOccurrences, _ events: inout [MarketEvent]
  ) {
    let isHigh = type == .high
    var side = isHigh ? high : low
    let opposite = isHigh ? low : high
    var detail = HighLowDetail()
    detail.previousAnchor = side.anchor
    side.anchor = side.extreme
    side.announcedTime = tick.time
    side.count &+= 1
    side.pending = false
    detail.sessionOpen = tick.firstPrice
    detail.sessionHigh = high.extreme
    detail.sessionLow = low.extreme
    detail.percentFromOpen = 100 * (side.extreme - tick.firstPrice) / tick.firstPrice
    detail.count = side.count
    detail.reversal = opposite.wasAnnounced(within: settings.highLow.reversalWindowNanos, of: tick.time)
    detail.sinceOppositeNanos = opposite.count > 0 ? tick.time.nanoseconds &- opposite.announcedTime.nanoseconds : -1
    detail.trend = trend
    detail.surge = surge
    detail.relativeVolume = tick.relativeVolume
    detail.extremeTime = side.extremeTime
    detail.dayHigh = tick.dayHigh
    detail.dayLow = tick.dayLow
    if isHigh { high = side } else { low = side }
    let weight = settings.highLow.volumeWeight
    let significance =
      100
      * ((1 - weight) * min(1, detail.percentFromOpen.magnitude / 5) + weight * min(1, tick.relativeVolume / 4))
    events.append(
      tick.event(
        type, isHigh ? .up : .down, price: side.extreme, significance: significance, .highLow(detail),
        occurrences: &occurrences))
  }
}
