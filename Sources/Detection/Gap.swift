internal import MarketData

/// The step from a session's last price to the next one's first.
///
/// - Cost: O(1) a session. Source: detectors.md, "GAP" of tick channels.
struct Gap: BitwiseCopyable {
  /// The last good price of the newest REGULAR and CONTINUOUS session; 0 = none yet.
  private var regularClose = 0.0
  private var continuousClose = 0.0
  /// REGULAR's official close, printed within the session that goes on; 0 = none.
  private var officialClose = 0.0
  /// The same, printed outside of it: holds for the next REGULAR tick alone.
  private var officialCloseOutside = 0.0

  init() {}

  /// A session is over: a tick of another one has come.
  mutating func end(_ session: TradingSession, lastPrice: Double) {
    switch session {
    case .regular:
      regularClose = officialClose > 0 ? officialClose : lastPrice
      officialClose = 0
    case .continuous: continuousClose = lastPrice
    case .pre, .post, .closed: break
    }
  }

  /// An official close was printed; a later one replaces it.
  /// - Parameter isInside: within a REGULAR session that has had its first good tick.
  mutating func noteOfficialClose(_ price: Double, isInside: Bool) {
    officialClose = isInside ? price : 0
    officialCloseOutside = isInside ? 0 : price
  }

  /// A good REGULAR tick has come, and has been looked at.
  mutating func regularTickCame() { officialCloseOutside = 0 }

  /// What the next REGULAR session's first tick is compared with.
  private var closeOfRegular: Double { officialCloseOutside > 0 ? officialCloseOutside : regularClose }

  /// Looks at a session's first good tick.
  func look(
    _ tick: TickContext, _ settings: TickDetectorSettings.Gap, occurrences: inout EventOccurrences,
    events: inout [MarketEvent]
  ) {
    let close = tick.session == .regular ? closeOfRegular : tick.session == .continuous ? continuousClose : 0
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
