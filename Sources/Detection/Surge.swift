internal import Glibc
internal import MarketData

/// Fast moves on volume, against the symbol's own volatility.
///
/// - Cost: O(1); the logarithm is taken only when the cheap conditions hold or an armed state is in question.
/// - Source: detectors.md, "SURGE".
struct Surge: BitwiseCopyable {
  private var isDisarmed = false
  private var firedTime = UnixNanos(0)
  private(set) var lastDirection = Direction.flat
  private(set) var count: UInt32 = 0
  /// Good ticks in a row that held, all with one sign of r.
  private var held: UInt32 = 0
  private var heldDirection = Direction.flat

  init() {}

  /// The last SURGE's direction, if it is at most `window` old; else FLAT.
  func direction(at time: UnixNanos, window: Int64) -> Direction {
    count > 0 && time.nanoseconds &- firedTime.nanoseconds <= window ? lastDirection : .flat
  }

  mutating func look(
    _ tick: TickContext, _ settings: TickDetectorSettings.Surge, squareRootOfWindow: Double,
    occurrences: inout EventOccurrences, events: inout [MarketEvent]
  ) {
    if isDisarmed {
      guard tick.time.nanoseconds &- firedTime.nanoseconds >= settings.cooldownNanos, !tick.base.isNaN else { return }
      let z = zScore(tick, squareRootOfWindow)
      if Slack.isBelow(z.magnitude, settings.z / 2) { isDisarmed = false }
      return
    }
    guard let z = holdingScore(tick, settings, squareRootOfWindow) else {
      held = 0
      return
    }
    let direction = tick.windowDirection
    held = direction == heldDirection ? held &+ 1 : 1
    heldDirection = direction
    guard held >= settings.confirm else { return }
    held = 0
    isDisarmed = true
    firedTime = tick.time
    lastDirection = direction
    count &+= 1
    let movePct = tick.movePct
    var detail = SurgeDetail()
    detail.movePct = movePct
    detail.zScore = z
    detail.baselinePrice = tick.base
    detail.relativeVolume = tick.relativeVolume
    detail.sigmaPct = 100 * tick.sigma * squareRootOfWindow
    detail.zThreshold = settings.z
    detail.volumeThreshold = settings.volumeRatio
    detail.count = count
    let significance =
      100
      * (0.6 * min(1, z.magnitude / (3 * settings.z))
        + 0.4 * min(1, settings.volumeRatio > 0 ? tick.relativeVolume / (4 * settings.volumeRatio) : 1))
    events.append(
      tick.event(.surge, lastDirection, significance: significance, .surge(detail), occurrences: &occurrences))
  }

  /// z where the tick holds; nil where it does not.
  private func holdingScore(
    _ tick: TickContext, _ settings: TickDetectorSettings.Surge, _ squareRootOfWindow: Double
  ) -> Double? {
    // False also where the window is not defined: movePct is NaN.
    guard Slack.reaches(percent: tick.movePct.magnitude, settings.minMovePct),
      Slack.reaches(tick.relativeVolume, settings.volumeRatio), tick.age >= settings.warmUpNanos
    else { return nil }
    let z = zScore(tick, squareRootOfWindow)
    return Slack.reaches(z.magnitude, settings.z) ? z : nil
  }

  /// A quiet tick does not hold.
  mutating func quietTickCame() { held = 0 }

  /// Near the base, as moves and as the symbol's own volatility go, nothing fires; after the cooldown of one that has fired every tick counts.
  func narrow(
    _ range: inout QuietRange, base: Double, sigmaOfWindow: Double, meanVolume: Double,
    _ settings: TickDetectorSettings.Surge
  ) {
    if isDisarmed {
      range.end(after: firedTime, settings.cooldownNanos)
      if range.goodTime.nanoseconds &- firedTime.nanoseconds >= settings.cooldownNanos { range.end(at: .min) }
      return
    }
    guard !base.isNaN, meanVolume > 0 || settings.volumeRatio <= 0 else { return }
    // Both bounds are narrower than `look` by more than its slack and rounding: 1 + x <= e^x, and e^-x <= 1 - x + x²/2.
    let x = settings.z * sigmaOfWindow * (1 - 10 * Slack.relative)
    let move = max(0, settings.minMovePct - 2 * Slack.percent) / 100
    range.keep(between: base * (1 - max(move, x - x * x / 2)), and: base * (1 + max(move, x)))
  }

  private func zScore(_ tick: TickContext, _ squareRootOfWindow: Double) -> Double {
    tick.sigma > 0 ? log(tick.price / tick.base) / (tick.sigma * squareRootOfWindow) : 0
  }
}
