internal import MarketData

/// What a replay's events were worth, as numbers. What each means: docs/detectors.md, "How good the events are".
struct QualityTally: Equatable {
  struct Hour: Hashable {
    var type: EventType
    var session: TradingSession
    /// Of the day in UTC.
    var hour: Int
  }

  struct OfType: Equatable {
    var events: UInt64 = 0
    /// Followed by an event in another direction, soon.
    var flipped: UInt64 = 0
    /// SURGE with enough prints after it.
    var surgesJudged: UInt64 = 0
    var takenBack: UInt64 = 0
    /// Those that lost more than half of their way, the ones taken back among them.
    var halfTakenBack: UInt64 = 0
    /// QUARANTINE that begins a run.
    var runs: UInt64 = 0
    /// Runs that were confirmed later.
    var confirmed: UInt64 = 0
    /// SURGE and TREND: one for each of `QualityJudge.horizons`.
    var moves = Array(repeating: MoveSpread(), count: QualityJudge.horizons.count)
  }

  private(set) var hours: [Hour: UInt64] = [:]
  private(set) var types: [EventType: OfType] = [:]

  subscript(type: EventType) -> OfType {
    get { types[type] ?? OfType() }
    set { types[type] = newValue }
  }

  mutating func count(_ event: MarketEvent) {
    self[event.type].events += 1
    let hour = Int(floorDivide(event.eventTime.nanoseconds, 3_600_000_000_000) % 24)
    hours[Hour(type: event.type, session: event.session, hour: (hour + 24) % 24), default: 0] += 1
  }

  func events(_ type: EventType, in session: TradingSession) -> UInt64 {
    hours.reduce(0) { $1.key.type == type && $1.key.session == session ? $0 + $1.value : $0 }
  }
}
