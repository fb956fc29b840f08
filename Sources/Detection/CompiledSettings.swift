internal import Glibc
internal import MarketData

/// A profile's settings as the tick path reads them, with everything constant worked out beforehand.
///
/// A class, so that they are read where they lie: they are too large to be copied for a tick.
final class CompiledSettings: Sendable {
  static let bandsMax = 8

  struct Band: BitwiseCopyable, Sendable {
    var below = Double.infinity
    var minChange = 0.0
    /// min_change_pct / 100.
    var minChangeFraction = 0.0
  }

  struct Horizon: BitwiseCopyable, Sendable {
    var nanos: Int64 = 0
    var seconds = 1.0
    /// exp(−5 s/τ).
    var decay = 0.0
    var minSamples: UInt32 = 0
    var squareRoot = 1.0
  }

  let latenessToleranceNanos: Int64
  let filter: TickDetectorSettings.PrintFilter
  let highLow: HighLow
  let surge: TickDetectorSettings.Surge
  let volumeSpike: TickDetectorSettings.VolumeSpike
  let trend: Trend
  let vwapCross: TickDetectorSettings.VwapCross
  let openingRange: TickDetectorSettings.OpeningRange
  let gap: TickDetectorSettings.Gap
  let activity: Activity
  /// Of the bars built from ticks, rising.
  let barsNanos: [Int64]

  struct Activity: BitwiseCopyable, Sendable {
    let sampleSeconds: Int64
    let windowSeconds: Int64
    let windowNanos: Int64
    /// Seconds.
    let sigmaTime: Double
    let volumeTime: Double
    /// exp(−sample/sigma_time), exp(−1 s/volume_time).
    let sampleDecay: Double
    let secondDecay: Double
    let squareRootOfWindow: Double
  }

  struct HighLow: BitwiseCopyable, Sendable {
    let enabled: Bool
    let bands: InlineArray<8, Band>
    let extendedHoursFactor: Double
    let openingFactor: Double
    let openingTimeNanos: Int64
    let cooldownNanos: Int64
    let reversalWindowNanos: Int64
    let volumeWeight: Double
  }

  struct Trend: BitwiseCopyable, Sendable {
    let enabled: Bool
    let horizons: InlineArray<4, Horizon>
    let horizonCount: Int
    let enterR2: Double
    let enterMovePct: Double
    let enterV: Double
    let exitR2: Double
  }

  /// The least change that is told for an extreme, before the session's factor.
  func leastChange(extreme: Double, anchor: Double) -> Double {
    var index = 0
    while index < CompiledSettings.bandsMax - 1, extreme >= highLow.bands[index].below { index += 1 }
    return max(highLow.bands[index].minChange, highLow.bands[index].minChangeFraction * anchor)
  }

  init(_ settings: TickDetectorSettings) {
    latenessToleranceNanos = settings.latenessToleranceNanos
    filter = settings.printFilter
    surge = settings.surge
    volumeSpike = settings.volumeSpike
    vwapCross = settings.vwapCross
    openingRange = settings.openingRange
    gap = settings.gap
    barsNanos = settings.barsNanos
    let second = 1e9
    let sample = Double(settings.activity.sigmaSampleNanos) / second
    let sigmaTime = Double(settings.activity.sigmaTimeNanos) / second
    let volumeTime = Double(settings.activity.volumeTimeNanos) / second
    let window = settings.activity.windowNanos / 1_000_000_000
    activity = Activity(
      sampleSeconds: settings.activity.sigmaSampleNanos / 1_000_000_000, windowSeconds: window,
      windowNanos: settings.activity.windowNanos, sigmaTime: sigmaTime, volumeTime: volumeTime,
      sampleDecay: exp(-sample / sigmaTime), secondDecay: exp(-1 / volumeTime),
      squareRootOfWindow: Double(window).squareRoot())
    var bands = InlineArray<8, Band>(repeating: Band())
    for (index, band) in settings.highLow.bands.prefix(Self.bandsMax).enumerated() {
      bands[index] = Band(below: band.below, minChange: band.minChange, minChangeFraction: band.minChangePct / 100)
    }
    highLow = HighLow(
      enabled: settings.highLow.enabled, bands: bands, extendedHoursFactor: settings.highLow.extendedHoursFactor,
      openingFactor: settings.highLow.openingFactor, openingTimeNanos: settings.highLow.openingTimeNanos,
      cooldownNanos: settings.highLow.cooldownNanos, reversalWindowNanos: settings.highLow.reversalWindowNanos,
      volumeWeight: settings.highLow.volumeWeight)
    var horizons = InlineArray<4, Horizon>(repeating: Horizon())
    let count = min(settings.trend.horizonsNanos.count, TickDetectorSettings.Trend.horizonsMax)
    for index in 0..<count {
      let nanos = settings.trend.horizonsNanos[index]
      let seconds = Double(nanos) / second
      let given = settings.trend.minSamples.indices.contains(index) ? settings.trend.minSamples[index] : nil
      horizons[index] = Horizon(
        nanos: nanos, seconds: seconds, decay: exp(-TrendFit.sampleSeconds / seconds),
        minSamples: given ?? UInt32(max(1, nanos / TrendFit.sampleNanos)), squareRoot: seconds.squareRoot())
    }
    trend = Trend(
      enabled: settings.trend.enabled, horizons: horizons, horizonCount: count, enterR2: settings.trend.enterR2,
      enterMovePct: settings.trend.enterMovePct, enterV: settings.trend.enterV, exitR2: settings.trend.exitR2)
  }
}
