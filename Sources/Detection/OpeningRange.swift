internal import MarketData

/// The range of a REGULAR session's first minutes, and the first price beyond it on either side.
///
/// - Cost: O(1). Source: detectors.md, "OPENING_RANGE_BREAK".
struct OpeningRange: BitwiseCopyable {
  private var high = -Double.infinity
  private var low = Double.infinity
  private var hasBrokenUp = false
  private var hasBrokenDown = false

  init() {}

  /// No good tick came while the range was made: no event that day.
  private var isEmpty: Bool { high < low }

  private static func end(of session: UnixNanos, _ settings: TickDetectorSettings.OpeningRange) -> Int64 {
    session.nanoseconds &+ Int64(settings.minutes) &* 60_000_000_000
  }

  mutating func look(
    _ tick: TickContext, _ settings: TickDetectorSettings.OpeningRange, occurrences: inout EventOccurrences,
    events: inout [MarketEvent]
  ) {
    guard tick.session == .regular else { return }
    if tick.time.nanoseconds < Self.end(of: tick.sessionStart, settings) {
      high = max(high, tick.price)
      low = min(low, tick.price)
      return
    }
    guard !isEmpty else { return }
    if !hasBrokenUp, Slack.reaches(percent: 100 * (tick.price - high) / high, settings.bandPct) {
      hasBrokenUp = true
      announce(.up, tick, settings, &occurrences, &events)
    }
    if !hasBrokenDown, Slack.reaches(percent: 100 * (low - tick.price) / low, settings.bandPct) {
      hasBrokenDown = true
      announce(.down, tick, settings, &occurrences, &events)
    }
  }

  private func announce(
    _ direction: Direction, _ tick: TickContext, _ settings: TickDetectorSettings.OpeningRange,
    _ occurrences: inout EventOccurrences, _ events: inout [MarketEvent]
  ) {
    var detail = RangeBreakDetail()
    detail.rangeHigh = high
    detail.rangeLow = low
    detail.minutes = settings.minutes
    events.append(
      tick.event(
        .openingRangeBreak, direction, significance: 100 * min(1, tick.relativeVolume / 4), .rangeBreak(detail),
        occurrences: &occurrences))
  }

  /// Within the range nothing happens, neither while it is made nor after.
  func narrow(_ range: inout QuietRange, _ segment: CalendarSegment, _ settings: TickDetectorSettings.OpeningRange) {
    guard segment.session == .regular else { return }
    let end = Self.end(of: segment.sessionStart, settings)
    if range.goodTime.nanoseconds < end {
      range.end(at: end)
      range.keep(between: low, and: high)
      return
    }
    guard !isEmpty else { return }
    // Narrower than `look` by more than its slack: without a band, within the range.
    let part = (settings.bandPct - 2 * Slack.percent) / 100
    if !hasBrokenUp { range.keep(between: -.infinity, and: high * (1 + part)) }
    if !hasBrokenDown { range.keep(between: low * (1 - part), and: .infinity) }
  }
}
