internal import MarketData

/// Keeps single wild prints out and believes them when they persist.
///
/// - Cost: O(1). Source: detectors.md, "Print filter".
struct PrintFilter: BitwiseCopyable {
  enum Verdict {
    case good
    case quarantined
    /// The run's last: good from here on.
    case confirmed
  }

  /// The prices of one run lie within this of its first, in percent.
  private static let runWidthPct = 0.25
  private static let limitFactorMax = 20.0

  /// 0 = no good price yet.
  private(set) var lastGood = 0.0
  private(set) var lastGoodTime = UnixNanos(0)
  private var runPrice = 0.0
  private(set) var run: UInt32 = 0

  init() {}

  /// The limit in percent for a tick at `time`.
  func limitPct(at time: UnixNanos, _ settings: TickDetectorSettings.PrintFilter) -> Double {
    let minutes = Double(time.nanoseconds &- lastGoodTime.nanoseconds) / 60e9
    return settings.jumpPct * max(1, min(Self.limitFactorMax, minutes.squareRoot()))
  }

  mutating func judge(
    price: Double, time: UnixNanos, limitPct: inout Double, _ settings: TickDetectorSettings.PrintFilter
  ) -> Verdict {
    guard settings.enabled, lastGood > 0 else { return .good }
    let jumpPct = (price / lastGood - 1).magnitude * 100
    // The limit is never below jump_pct: most ticks need no square root.
    guard Slack.exceeds(percent: jumpPct, settings.jumpPct) else { return .good }
    limitPct = self.limitPct(at: time, settings)
    let floor = lastGood >= 1 ? settings.floor : 0
    guard Slack.exceeds(percent: jumpPct, limitPct),
      Slack.exceeds(difference: (price - lastGood).magnitude, floor, price: price)
    else { return .good }
    if run > 0, !Slack.exceeds(percent: (price / runPrice - 1).magnitude * 100, Self.runWidthPct) {
      run &+= 1
    } else {
      run = 1
      runPrice = price
    }
    return run >= settings.confirm ? .confirmed : .quarantined
  }

  mutating func accept(price: Double, time: UnixNanos) {
    lastGood = price
    lastGoodTime = time
    run = 0
  }

  /// Within the smallest limit every price is good.
  func narrow(_ range: inout QuietRange, _ settings: TickDetectorSettings.PrintFilter) {
    // Narrower than `judge` by more than its rounding.
    if settings.enabled { range.keepJumps(within: settings.jumpPct / 100 * (1 - 1e-9)) }
  }
}
