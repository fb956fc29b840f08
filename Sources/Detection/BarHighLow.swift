internal import MarketData

/// Closes beyond all of the closes before, told when they begin.
///
/// - Cost: O(closes) a bar. Source: detectors.md, "Bar channels", HIGH, LOW.
struct BarHighLow: Equatable, Sendable {
  private var closes = RecentValues()
  private var wasHigh = false
  private var wasLow = false

  init() {}

  mutating func look(_ context: BarContext, _ settings: BarDetectorSettings.HighLow, events: inout [MarketEvent]) {
    let count = Int(settings.closes)
    let close = context.bar.close
    let before = closes.newest(count)
    let highest = before.max() ?? close
    let lowest = before.min() ?? close
    let isHigh = before.count >= count && close > highest
    let isLow = before.count >= count && close < lowest
    defer {
      closes.append(close, limit: count)
      wasHigh = isHigh
      wasLow = isLow
    }
    guard settings.enabled else { return }
    if isHigh, !wasHigh { announce(.high, passed: highest, high: close, low: lowest, context, &events) }
    if isLow, !wasLow { announce(.low, passed: lowest, high: highest, low: close, context, &events) }
  }

  private func announce(
    _ type: EventType, passed: Double, high: Double, low: Double, _ context: BarContext, _ events: inout [MarketEvent]
  ) {
    var detail = HighLowDetail()
    detail.previousAnchor = passed
    detail.sessionHigh = high
    detail.sessionLow = low
    detail.count = 1
    let percentPast = 100 * (context.bar.close - passed) / passed
    events.append(
      context.event(
        type, type == .high ? .up : .down, significance: 100 * min(1, percentPast.magnitude), .highLow(detail)))
  }
}
