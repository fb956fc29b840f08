internal import MarketData

/// A large move within one bar, or from the bar before it.
///
/// - Cost: O(1) a bar. Source: detectors.md, "Bar channels", SIGNIFICANT_MOVE.
enum BarMove {
  static func look(
    _ context: BarContext, _ settings: BarDetectorSettings.SignificantMove, events: inout [MarketEvent]
  ) {
    let bar = context.bar
    let refersToPrevious = context.previousClose > 0 && (context.isDaily || context.followsInSession)
    let reference = refersToPrevious ? context.previousClose : bar.open
    let movePct = 100 * (bar.close - reference) / reference
    let threshold = settings.threshold(of: bar.durationNanos)
    guard Slack.reaches(percent: movePct.magnitude, threshold) else { return }
    var detail = MoveDetail()
    detail.movePct = movePct
    detail.rangePct = 100 * (bar.high - bar.low) / reference
    detail.durationNanos = bar.durationNanos
    events.append(
      context.event(
        .significantMove, BarContext.direction(from: reference, to: bar.close),
        significance: 100 * min(1, movePct.magnitude / (4 * threshold)), .move(detail)))
  }
}
