internal import MarketData

/// The step from one bar's close to the next one's open.
///
/// - Cost: O(1) a bar. Source: detectors.md, "Bar channels", GAP.
enum BarGap {
  static func look(_ context: BarContext, _ settings: BarDetectorSettings.Gap, events: inout [MarketEvent]) {
    guard context.previousClose > 0 else { return }
    let gapPct = 100 * (context.bar.open - context.previousClose) / context.previousClose
    let threshold = settings.threshold(of: context.bar.durationNanos)
    guard Slack.reaches(percent: gapPct.magnitude, threshold) else { return }
    var detail = GapDetail()
    detail.gapPct = gapPct
    detail.previousClose = context.previousClose
    detail.acrossSessions = !context.followsInSession
    detail.durationNanos = context.bar.durationNanos
    events.append(
      context.event(
        .gap, BarContext.direction(from: context.previousClose, to: context.bar.open), price: context.bar.open,
        significance: 100 * min(1, gapPct.magnitude / (4 * threshold)), .gap(detail)))
  }
}
