internal import MarketData

/// On which side of the session's volume-weighted average price a symbol trades.
///
/// - Cost: O(1). Source: detectors.md, "VWAP_CROSS".
struct VwapCross: BitwiseCopyable {
  /// FLAT before the first side.
  private var side = Direction.flat
  private var since = UnixNanos(0)
  /// Whether a tick has been on the other side since the last one on this, and when the first of them was.
  private var isLeaving = false
  private var leavingSince = UnixNanos(0)

  init() {}

  /// - Parameters:
  ///   - valueSum: Σ price·size of the session's ticks that count, this one included.
  ///   - volumeSum: Σ size of the same.
  mutating func look(
    _ tick: TickContext, valueSum: Double, volumeSum: Double, _ settings: TickDetectorSettings.VwapCross,
    occurrences: inout EventOccurrences, events: inout [MarketEvent]
  ) {
    guard volumeSum > 0 else { return }
    let vwap = valueSum / volumeSum
    guard let now = Self.side(of: tick.price, vwap, settings) else { return }
    if now == side {
      isLeaving = false
      return
    }
    if side == .flat {
      side = now
      since = tick.time
      return
    }
    if !isLeaving {
      isLeaving = true
      leavingSince = tick.time
    }
    guard tick.time.nanoseconds &- leavingSince.nanoseconds >= settings.holdNanos else { return }
    let lasted = tick.time.nanoseconds &- since.nanoseconds
    side = now
    since = tick.time
    isLeaving = false
    guard tick.age >= settings.warmUpNanos else { return }
    var detail = VwapDetail()
    detail.vwap = vwap
    detail.previousLastedNanos = lasted
    events.append(
      tick.event(
        .vwapCross, side, significance: 100 * min(1, tick.relativeVolume / 4), .vwap(detail), occurrences: &occurrences)
    )
  }

  /// Nil within the band.
  private static func side(
    of price: Double, _ vwap: Double, _ settings: TickDetectorSettings.VwapCross
  ) -> Direction? {
    let band = settings.bandPct / 100
    if Slack.exceeds(difference: price - vwap * (1 + band), 0, price: price) { return .up }
    if Slack.exceeds(difference: vwap * (1 - band) - price, 0, price: price) { return .down }
    return nil
  }

  /// While the price stays within the band, or beyond it on its own side; a tick there ends a crossing that has begun.
  func narrow(_ range: inout QuietRange, _ settings: TickDetectorSettings.VwapCross) {
    // `look` crosses only beyond its slack, which is far wider than the rounding of the sums.
    let band = settings.bandPct / 100
    if side != .down || isLeaving { range.keepAbove(averageTimes: 1 - band) }
    if side != .up || isLeaving { range.keepBelow(averageTimes: 1 + band) }
  }
}
