internal import MarketData

/// The step from a session's last price to the next one's first.
///
/// - Cost: O(1) a session. Source: detectors.md, "GAP" of tick channels.
struct Gap: BitwiseCopyable {
  /// The last good price of the newest REGULAR and CONTINUOUS session; 0 = none yet.
  private var regularClose = 0.0
  private var continuousClose = 0.0

  init() {}

  /// A session is over: a tick of another one has come.
  mutating func end(_ session: TradingSession, lastPrice: Double) {
    switch session {
    case .regular: regularClose = lastPrice
    case .continuous: continuousClose = lastPrice
    case .pre, .post, .closed: break
    }
  }

  /// Looks at a session's first good tick.
  func look(
    _ tick: TickContext, _ settings: TickDetectorSettings.Gap, occurrences: inout EventOccurrences,
    events: inout [MarketEvent]
  ) {
    let close = tick.session == .regular ? regularClose : tick.session == .continuous ? continuousClose : 0
    guard close > 0 else { return }
    let gapPct = 100 * (tick.price - close) / close
    guard Slack.reaches(percent: gapPct.magnitude, settings.gapPct) else { return }
    var detail = GapDetail()
    detail.gapPct = gapPct
    detail.previousClose = close
    detail.acrossSessions = true
    let significance = settings.gapPct > 0 ? 100 * min(1, gapPct.magnitude / (4 * settings.gapPct)) : 100
    events.append(
      tick.event(
        .gap, gapPct > 0 ? .up : gapPct < 0 ? .down : .flat, significance: significance, .gap(detail),
        occurrences: &occurrences))
  }
}
