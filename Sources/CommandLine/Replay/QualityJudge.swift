internal import MarketData
internal import Server

/// Judges events by what came after them.
///
/// - Input: good ticks and events in the order in which the detectors took and made them, an event behind its tick.
/// - Memory: bounded for each symbol. Cost of a tick: O(events of its symbol whose ten minutes are not over).
/// - Source: docs/detectors.md, "How good the events are".
final class QualityJudge: ReplayObserver {
  /// How long after an event one in another direction makes it flipped.
  static let flipNanos: Int64 = 10_000_000_000
  /// Good ticks after a SURGE.
  static let prints = 5
  /// After which time the way of the price is measured, rising.
  static let horizons: [(name: String, nanos: Int64)] = [
    ("5s", 5_000_000_000), ("1m", 60_000_000_000), ("10m", 600_000_000_000),
  ]
  /// Events of one symbol that are followed at a time. With default settings a symbol has some ten; what is too much is not judged.
  private static let followedMax = 1_024
  /// A symbol has at most four TREND horizons and three other kinds of state.
  private static let statesMax = 8

  private(set) var tally = QualityTally()
  private var symbols: [SymbolID: Symbol] = [:]

  func goodTick(_ symbol: SymbolID, at time: UnixNanos, price: Double) {
    symbols[symbol, default: Symbol()].take(time, price, &tally)
  }

  func event(_ event: MarketEvent) {
    tally.count(event)
    symbols[event.symbol, default: Symbol()].take(event, &tally)
  }

  /// An event of which the price's way is measured.
  private struct Followed {
    var type: EventType
    /// 1 or -1.
    var sign: Double
    var time: UnixNanos
    var price: Double
    /// From where a SURGE came.
    var base = 0.0
    /// Still to come before a SURGE is judged; 0 = it is judged, or none.
    var printsLeft = 0
    /// Of the horizons, those that are measured.
    var measured = 0

    var isDone: Bool { printsLeft == 0 && measured == QualityJudge.horizons.count }
  }

  /// The newest announcement of something that is in one state at a time.
  private struct State {
    var type: EventType
    var horizonNanos: Int64
    var direction: Direction
    var time: UnixNanos
  }

  private struct Symbol {
    var time = UnixNanos(.min)
    /// Of the last good tick; 0 = none.
    var price = 0.0
    var followed: [Followed] = []
    var states: [State] = []
    /// The newest run of quarantined ticks was announced, and is not confirmed.
    var hasOpenRun = false

    mutating func take(_ time: UnixNanos, _ price: Double, _ tally: inout QualityTally) {
      // An older tick within the lateness tolerance counts at its symbol's newest time.
      self.time = max(self.time, time)
      if !followed.isEmpty {
        for index in followed.indices { judge(&followed[index], price, &tally) }
        followed.removeAll(where: \.isDone)
      }
      self.price = price
    }

    /// - Parameter price: of a tick at `time`; `self.price` is still that before it.
    private func judge(_ event: inout Followed, _ price: Double, _ tally: inout QualityTally) {
      while event.measured < QualityJudge.horizons.count,
        isLater(time, than: event.time, by: QualityJudge.horizons[event.measured].nanos)
      {
        let percent = event.sign * 100 * (self.price - event.price) / event.price
        tally[event.type].moves[event.measured].add(percent)
        event.measured += 1
      }
      guard event.printsLeft > 0 else { return }
      event.printsLeft -= 1
      guard event.printsLeft == 0 else { return }
      tally[event.type].surgesJudged += 1
      let kept = event.sign * (price - event.base)
      if kept <= 0 { tally[event.type].takenBack += 1 }
      if kept < event.sign * (event.price - event.base) / 2 { tally[event.type].halfTakenBack += 1 }
    }

    mutating func take(_ event: MarketEvent, _ tally: inout QualityTally) {
      switch event.detail {
      case .surge(let detail):
        note(event, horizonNanos: 0, &tally)
        follow(event, base: detail.baselinePrice, prints: QualityJudge.prints)
      case .trend(let detail):
        note(event, horizonNanos: detail.horizonNanos, &tally)
        follow(event, base: 0, prints: 0)
      case .vwap, .valuation: note(event, horizonNanos: 0, &tally)
      case .quarantine(let detail): take(detail, &tally)
      default: break
      }
    }

    private mutating func note(_ event: MarketEvent, horizonNanos: Int64, _ tally: inout QualityTally) {
      let now = State(
        type: event.type, horizonNanos: horizonNanos, direction: event.direction, time: event.eventTime)
      guard let index = states.firstIndex(where: { $0.type == now.type && $0.horizonNanos == horizonNanos }) else {
        if states.count < QualityJudge.statesMax { states.append(now) }
        return
      }
      let before = states[index]
      if before.direction != now.direction, !isLater(now.time, than: before.time, by: QualityJudge.flipNanos) {
        tally[event.type].flipped += 1
      }
      states[index] = now
    }

    private mutating func follow(_ event: MarketEvent, base: Double, prints: Int) {
      guard event.direction == .up || event.direction == .down, followed.count < QualityJudge.followedMax else {
        return
      }
      followed.append(
        Followed(
          type: event.type, sign: event.direction == .up ? 1 : -1, time: event.eventTime, price: event.price,
          base: base, printsLeft: prints))
    }

    private mutating func take(_ detail: QuarantineDetail, _ tally: inout QualityTally) {
      guard detail.confirmed else {
        tally[.quarantine].runs += 1
        hasOpenRun = true
        return
      }
      // Where announcements were left out in between, the run that is confirmed may be one of those.
      if hasOpenRun, detail.suppressed == 0 { tally[.quarantine].confirmed += 1 }
      hasOpenRun = false
    }

    private func isLater(_ time: UnixNanos, than other: UnixNanos, by nanos: Int64) -> Bool {
      let (since, overflow) = time.nanoseconds.subtractingReportingOverflow(other.nanoseconds)
      return overflow ? time > other : since > nanos
    }
  }
}
