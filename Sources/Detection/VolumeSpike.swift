internal import MarketData

/// Volume far above the symbol's own recent mean.
///
/// - Cost: O(1). Source: detectors.md, "VOLUME_SPIKE (tick channels)".
struct VolumeSpike: BitwiseCopyable {
  private var isDisarmed = false

  init() {}

  mutating func look(
    _ tick: TickContext, _ settings: TickDetectorSettings.VolumeSpike, windowNanos: Int64,
    occurrences: inout EventOccurrences, events: inout [MarketEvent]
  ) {
    let q = tick.relativeVolume
    if isDisarmed {
      if Slack.isBelow(q, settings.multiple / 2) { isDisarmed = false }
      return
    }
    guard Slack.reaches(q, settings.multiple), tick.age >= settings.warmUpNanos else { return }
    isDisarmed = true
    var detail = VolumeSpikeDetail()
    detail.multiple = q
    detail.meanVolume = tick.meanVolume
    detail.durationNanos = windowNanos
    events.append(
      tick.event(
        .volumeSpike, tick.windowDirection, significance: 100 * min(1, q / (4 * settings.multiple)),
        .volumeSpike(detail), occurrences: &occurrences))
  }

  /// Within a second volume only grows: it can fire, but not arm again.
  func narrow(_ range: inout QuietRange, meanVolume: Double, _ settings: TickDetectorSettings.VolumeSpike) {
    guard !isDisarmed, meanVolume > 0 else { return }
    // Narrower than `look` by more than the slack.
    range.keepWindowVolume(below: meanVolume * settings.multiple * (1 - 10 * Slack.relative))
  }
}
