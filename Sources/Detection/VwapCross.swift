internal import MarketData

/// On which side of the session's volume-weighted average price a symbol trades.
///
/// - Cost: O(1). Source: detectors.md, "VWAP_CROSS".
struct VwapCross: BitwiseCopyable {
  /// FLAT before the first side.
  private var side = Direction.flat
  private var since = UnixNanos(0)

  init() {}

  /// - Parameters:
  ///   - valueSum: Σ price·size of the session's good ticks, this one included.
  ///   - volumeSum: Σ size of the same.
  mutating func look(
    _ tick: TickContext, valueSum: Double, volumeSum: Double, _ settings: TickDetectorSettings.VwapCross,
    occurrences: inout EventOccurrences, events: inout [MarketEvent]
  ) {
    guard volumeSum > 0 else { return }
    let vwap = valueSum / volumeSum
    let band = settings.bandPct / 100
    var next = side
    if Slack.exceeds(difference: tick.price - vwap * (1 + band), 0, price: tick.price) {
      next = .up
    } else if Slack.exceeds(difference: vwap * (1 - band) - tick.price, 0, price: tick.price) {
      next = .down
    }
    guard next != side else { return }
    let lasted = tick.time.nanoseconds &- since.nanoseconds
    let isFirst = side == .flat
    side = next
    since = tick.time
    guard !isFirst, tick.age >= settings.warmUpNanos else { return }
    var detail = VwapDetail()
    detail.vwap = vwap
    detail.previousLastedNanos = lasted
    events.append(
      tick.event(
        .vwapCross, side, significance: 100 * min(1, tick.relativeVolume / 4), .vwap(detail), occurrences: &occurrences)
    )
  }

  /// While the price stays within the band, or beyond it on its own side.
  func narrow(_ range: inout QuietRange, _ settings: TickDetectorSettings.VwapCross) {
    // `look` crosses only beyond its slack, which is far wider than the rounding of the sums.
    let band = settings.bandPct / 100
    if side != .down { range.keepAbove(averageTimes: 1 - band) }
    if side != .up { range.keepBelow(averageTimes: 1 + band) }
  }
}
