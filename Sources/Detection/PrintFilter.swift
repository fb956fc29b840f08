internal import Glibc
internal import MarketData

/// Keeps single wild prints out, believes them when they persist, and learns from the moves that it believed how far a symbol jumps.
///
/// - Cost: O(1); no logarithm or exponential while prices move by less than half of `jump_pct`. Source: detectors.md, "Print filter".
struct PrintFilter: BitwiseCopyable {
  enum Verdict {
    case good
    case quarantined
    /// Seen often enough: good from here on.
    case confirmed
  }

  private static let limitFactorMax = 20.0
  private static let minuteNanos = 60e9

  /// g; 0 = no good price yet.
  private(set) var lastGood = 0.0
  /// t_g.
  private(set) var lastGoodTime = UnixNanos(0)

  /// J in percent, as of `learnedTime`.
  private var learnedPct = 0.0
  private var learnedTime = UnixNanos(0)

  /// A move of a good tick that the next good tick judges: from a to b, in percent. 0 = none waits.
  private var waitingPct = 0.0
  private var waitingFrom = 0.0
  private var waitingTo = 0.0

  /// c, the newest quarantined price; 0 = none. Good ticks leave it.
  private(set) var candidate = 0.0
  private(set) var candidateTime = UnixNanos(0)
  private(set) var alike: UInt32 = 0
  /// Quarantined ticks of the run so far.
  private(set) var run: UInt32 = 0
  /// Quarantined ticks since the last good one, and the time of the first of them.
  private var sinceGood: UInt32 = 0
  private var firstSinceGood = UnixNanos(0)

  /// The session of the last tick that was judged in one: the first tick of another has a wider limit.
  private var judgedDate: Int32 = .min
  private var judgedKind = TradingSession.closed

  init() {}

  // MARK: - Limits

  /// The smallest difference that is quarantined, in the instrument's currency.
  func floor(_ settings: TickDetectorSettings.PrintFilter) -> Double {
    lastGood >= 1 ? settings.floor : min(0.01, 0.03 * lastGood)
  }

  /// L in percent, but for a session's first tick.
  func limitPct(at time: UnixNanos, _ settings: TickDetectorSettings.PrintFilter) -> Double {
    let minutes = Double(time.nanoseconds &- lastGoodTime.nanoseconds) / Self.minuteNanos
    let base = settings.jumpPct * max(1, min(Self.limitFactorMax, minutes.squareRoot()))
    guard learnedPct > 0 else { return base }
    return max(base, min(settings.learnedMaxPct, 2 * learned(at: time, settings)))
  }

  /// What J has decayed to, in percent.
  func learned(at time: UnixNanos, _ settings: TickDetectorSettings.PrintFilter) -> Double {
    guard learnedPct > 0 else { return 0 }
    let age = Double(time.nanoseconds &- learnedTime.nanoseconds)
    return learnedPct * exp(-age / Double(settings.learnedTimeNanos))
  }

  private func isBeyond(
    _ price: Double, percent: Double, limitPct: Double, _ settings: TickDetectorSettings.PrintFilter
  )
    -> Bool
  {
    Slack.exceeds(percent: percent, limitPct)
      && Slack.exceeds(difference: (price - lastGood).magnitude, floor(settings), price: price)
  }

  /// Whether a price would pass, as one that is not its session's first.
  func wouldPass(_ price: Double, at time: UnixNanos, _ settings: TickDetectorSettings.PrintFilter) -> Bool {
    guard settings.enabled, lastGood > 0 else { return true }
    let percent = (price / lastGood - 1).magnitude * 100
    guard Slack.exceeds(percent: percent, settings.jumpPct) else { return true }
    return !isBeyond(price, percent: percent, limitPct: limitPct(at: time, settings), settings)
  }

  /// Whether a price lies within `open_jump_pct` of the last good one; true where there is none.
  func isNear(_ price: Double, _ settings: TickDetectorSettings.PrintFilter) -> Bool {
    lastGood <= 0 || !Slack.exceeds(percent: (price / lastGood - 1).magnitude * 100, settings.openJumpPct)
  }

  // MARK: - Judging

  /// Judges a price and takes note of it: a good or confirmed one is the last good price afterwards.
  /// - Parameters:
  ///   - segment: where the tick lies; the first tick that is judged in a session may have moved by `open_jump_pct`.
  ///   - limitPct: L, where the price is not good without a look at it.
  mutating func judge(
    price: Double, time: UnixNanos, segment: CalendarSegment, limitPct: inout Double,
    _ settings: TickDetectorSettings.PrintFilter
  ) -> Verdict {
    let isFirst = segment.session != .closed && (judgedDate != segment.date || judgedKind != segment.session)
    if isFirst {
      judgedDate = segment.date
      judgedKind = segment.session
    }
    guard settings.enabled, lastGood > 0 else {
      accept(price: price, time: time)
      return .good
    }
    let percent = (price / lastGood - 1).magnitude * 100
    if Slack.exceeds(percent: percent, settings.jumpPct) {
      limitPct = self.limitPct(at: time, settings)
      if isFirst { limitPct = max(limitPct, settings.openJumpPct) }
      if isBeyond(price, percent: percent, limitPct: limitPct, settings) {
        return quarantine(price, time, settings) ? .confirmed : .quarantined
      }
    }
    if isFirst { waitingPct = 0 } else { learnLater(price, time, percent, settings) }
    accept(price: price, time: time)
    return .good
  }

  /// A price is good: the last good one from now on.
  mutating func accept(price: Double, time: UnixNanos) {
    lastGood = price
    lastGoodTime = time
    sinceGood = 0
  }

  /// - Returns: whether the price has been seen often enough to be believed; `confirm` then follows.
  private mutating func quarantine(
    _ price: Double, _ time: UnixNanos, _ settings: TickDetectorSettings.PrintFilter
  ) -> Bool {
    let hasCandidate = candidate > 0
    let isRecent = hasCandidate && time.nanoseconds &- candidateTime.nanoseconds <= settings.confirmTimeNanos
    let isAlike =
      isRecent
      && (!Slack.exceeds(percent: (price / candidate - 1).magnitude * 100, settings.jumpPct)
        || !Slack.exceeds(difference: (price - candidate).magnitude, floor(settings), price: price))
    let goesOn = hasCandidate && (sinceGood > 0 || isRecent)
    alike = isAlike ? alike &+ 1 : 1
    run = goesOn ? run &+ 1 : 1
    if sinceGood == 0 { firstSinceGood = time }
    sinceGood &+= 1
    candidate = price
    candidateTime = time
    return alike >= settings.confirm
      || (sinceGood >= settings.confirm
        && time.nanoseconds &- firstSinceGood.nanoseconds >= settings.confirmTimeNanos)
  }

  /// A price that was quarantined until now is believed, and its move is learned. Call after a verdict of `confirmed`, once it was told.
  mutating func confirm(price: Double, time: UnixNanos, _ settings: TickDetectorSettings.PrintFilter) {
    learn((price / lastGood - 1).magnitude * 100, at: time, settings)
    waitingPct = 0
    candidate = 0
    alike = 0
    run = 0
    accept(price: price, time: time)
  }

  /// A good tick's move teaches only once the next good tick stays near it: neither the way to a bad print nor the way back does.
  private mutating func learnLater(
    _ price: Double, _ time: UnixNanos, _ percent: Double, _ settings: TickDetectorSettings.PrintFilter
  ) {
    if waitingPct > 0 {
      let stays = (price - waitingTo).magnitude <= (price - waitingFrom).magnitude
      if stays { learn(waitingPct, at: time, settings) }
      waitingPct = 0
      guard stays else { return }
    }
    guard Slack.reaches(percent: percent, settings.jumpPct / 2) else { return }
    waitingPct = percent
    waitingFrom = lastGood
    waitingTo = price
  }

  private mutating func learn(_ percent: Double, at time: UnixNanos, _ settings: TickDetectorSettings.PrintFilter) {
    learnedPct = max(percent, learned(at: time, settings))
    learnedTime = time
  }

  // MARK: - Quiet ticks

  /// A price that moves by less than half of `jump_pct` is good, waits for nothing and teaches nothing.
  func narrow(_ range: inout QuietRange, _ settings: TickDetectorSettings.PrintFilter) {
    guard settings.enabled else { return }
    // Narrower than `judge` by more than its slack and rounding.
    range.keepJumps(within: max(0, settings.jumpPct / 2 - 2 * Slack.percent) / 100 * (1 - 1e-9))
    // The next good tick decides about the move that waits.
    if waitingPct > 0 { range.end(at: .min) }
  }
}
