internal import MarketData

/// Whether the market prices one symbol fairly.
///
/// - Reset: never; the state is kept across sessions.
/// - Cost: O(1). Source: detectors.md, "VALUATION".
struct Valuation: BitwiseCopyable, Equatable, Sendable {
  private(set) var verdict = ValuationVerdict.fair
  /// When the verdict was announced; meaningless before the first announcement.
  private var since = UnixNanos(0)
  private var wasAnnounced = false
  /// The largest deviation decided on since then, signed.
  private var peakPct = 0.0

  init() {}

  /// Decides on one value.
  /// - Parameters:
  ///   - confidence: 0 to 1.
  ///   - time: the value's, or the watermark where it is older.
  /// - Returns: nil while the verdict stays.
  mutating func look(
    _ value: FairMarketValue, market: Double, confidence: Double, time: UnixNanos,
    _ settings: FairValueSettings.Valuation
  ) -> (direction: Direction, significance: Double, detail: ValuationDetail)? {
    let deviationPct = 100 * (market - value.fairValue) / value.fairValue
    let next = next(deviationPct, settings)
    guard next != verdict else {
      if deviationPct.magnitude > peakPct.magnitude { peakPct = deviationPct }
      return nil
    }
    var detail = ValuationDetail()
    detail.deviationPct = deviationPct
    detail.fairValue = value.fairValue
    detail.marketPrice = market
    detail.confidence = confidence
    detail.model = value.model
    detail.state = next
    detail.previousLastedNanos = wasAnnounced ? time.nanoseconds &- since.nanoseconds : 0
    detail.peakDeviationPct = peakPct
    verdict = next
    since = time
    wasAnnounced = true
    peakPct = deviationPct
    let direction: Direction =
      switch next {
      case .fair: .flat
      case .undervalued: .up
      case .overvalued: .down
      }
    let significance = 100 * confidence * min(1, deviationPct.magnitude / (5 * settings.enterPct))
    return (direction, significance, detail)
  }

  private func next(_ deviationPct: Double, _ settings: FairValueSettings.Valuation) -> ValuationVerdict {
    let isOver = Slack.reaches(percent: deviationPct, settings.enterPct)
    let isUnder = Slack.reaches(percent: -deviationPct, settings.enterPct)
    switch verdict {
    case .fair: return isOver ? .overvalued : isUnder ? .undervalued : .fair
    case .overvalued:
      return isUnder ? .undervalued : Slack.reaches(percent: deviationPct, settings.exitPct) ? .overvalued : .fair
    case .undervalued:
      return isOver ? .overvalued : Slack.reaches(percent: -deviationPct, settings.exitPct) ? .undervalued : .fair
    }
  }
}
