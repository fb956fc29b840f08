internal import MarketData

/// Volume far above the symbol's own recent mean.
///
/// - Cost: O(1). Source: detectors.md, "VOLUME_SPIKE (tick channels)".
struct VolumeSpike: BitwiseCopyable {
  private var isDisarmed = false
  private var firedTime = UnixNanos(0)

  init() {}

  /// M: the multiple that fires.
  private static func multiple(
    _ session: TradingSession, _ settings: TickDetectorSettings.VolumeSpike
  ) -> Double {
    session == .pre || session == .post ? settings.multiple * settings.extendedHoursFactor : settings.multiple
  }

  mutating func look(
    _ tick: TickContext, activeSeconds: Int64, _ settings: TickDetectorSettings.VolumeSpike, windowNanos: Int64,
    occurrences: inout EventOccurrences, events: inout [MarketEvent]
  ) {
    let q = tick.relativeVolume
    let multiple = Self.multiple(tick.session, settings)
    if isDisarmed {
      if Slack.isBelow(q, multiple / 2), tick.time.nanoseconds &- firedTime.nanoseconds >= settings.cooldownNanos {
        isDisarmed = false
      }
      return
    }
    guard Slack.reaches(q, multiple), activeSeconds >= Int64(settings.activeSeconds), tick.age >= settings.warmUpNanos
    else { return }
    isDisarmed = true
    firedTime = tick.time
    var detail = VolumeSpikeDetail()
    detail.multiple = q
    detail.meanVolume = tick.meanVolume
    detail.durationNanos = windowNanos
    events.append(
      tick.event(
        .volumeSpike, tick.windowDirection, significance: 100 * min(1, q / (4 * multiple)), .volumeSpike(detail),
        occurrences: &occurrences))
  }

  /// Within a second volume only grows: it can fire, and arm again only when the cooldown ends.
  func narrow(
    _ range: inout QuietRange, _ session: TradingSession, meanVolume: Double,
    _ settings: TickDetectorSettings.VolumeSpike
  ) {
    if isDisarmed {
      range.end(after: firedTime, settings.cooldownNanos)
      return
    }
    guard meanVolume > 0 else { return }
    // Narrower than `look` by more than the slack.
    range.keepWindowVolume(below: meanVolume * Self.multiple(session, settings) * (1 - 10 * Slack.relative))
  }
}
