internal import MarketData

/// Volume far above that of the bars before.
///
/// - Reset: with each session; bars of a day or longer have none.
/// - Cost: O(history) a bar. Source: detectors.md, "Bar channels", VOLUME_SPIKE.
struct BarVolumeSpike: Equatable, Sendable {
  /// With fewer bars nothing is said.
  static let historyMin: UInt32 = 10

  private var volumes = RecentValues()

  init() {}

  mutating func look(
    _ context: BarContext, _ settings: BarDetectorSettings.VolumeSpike, events: inout [MarketEvent]
  ) {
    if !context.isDaily, !context.continuesSession { volumes.removeAll() }
    let history = Int(settings.history)
    // Kept also while the detector is off, so that it can be switched on at any time.
    defer { volumes.append(context.bar.volume, limit: history) }
    let before = volumes.newest(history)
    guard settings.enabled, before.count >= Int(Self.historyMin) else { return }
    let mean = before.reduce(0, +) / Double(before.count)
    guard mean > 0 else { return }
    let multiple = context.bar.volume / mean
    guard Slack.reaches(multiple, settings.multiple) else { return }
    var detail = VolumeSpikeDetail()
    detail.multiple = multiple
    detail.meanVolume = mean
    detail.durationNanos = context.bar.durationNanos
    events.append(
      context.event(
        .volumeSpike, context.direction, significance: 100 * min(1, multiple / (4 * settings.multiple)),
        .volumeSpike(detail)))
  }
}
