package import MarketData

/// The rules for the symbols of one profile in fair-market-value channels.
package struct FairValueProfile: Sendable {
  package var name: String
  package var calendar: TradingCalendar
  package var settings: FairValueSettings
  package var configVersion: UInt32

  package init(name: String, calendar: TradingCalendar, settings: FairValueSettings, configVersion: UInt32 = 1) {
    self.name = name
    self.calendar = calendar
    self.settings = settings
    self.configVersion = configVersion
  }
}

/// What one symbol's valuation remembers: a value, so that it can move from engine to engine.
package struct FairValueSymbolState: Sendable {
  package let symbol: SymbolID
  /// Index of the symbol's profile.
  package let profile: Int
  /// The newest timestamp seen.
  package fileprivate(set) var watermark = UnixNanos(.min)
  fileprivate var segment = CalendarSegment(session: .closed, start: UnixNanos(0), end: UnixNanos(0))
  fileprivate var valuation = Valuation()
  fileprivate var lastMarket = LastPrice(price: 0, time: UnixNanos(0))
  fileprivate var occurrences = EventOccurrences()

  fileprivate init(symbol: SymbolID, profile: Int) {
    self.symbol = symbol
    self.profile = profile
  }

  fileprivate mutating func take(
    _ value: FairMarketValue, lastPrice: LastPrice?, _ settings: FairValueSettings, _ calendar: TradingCalendar,
    events: inout [MarketEvent]
  ) -> ItemOutcome {
    var time = value.eventTime
    if time > watermark {
      watermark = time
    } else {
      let (oldest, overflow) = watermark.nanoseconds.subtractingReportingOverflow(settings.latenessToleranceNanos)
      if !overflow, time.nanoseconds < oldest { return .late }
      time = watermark
    }
    if !segment.contains(time) { segment = calendar.segment(at: time) }
    guard segment.session != .closed else { return .outOfSession }
    let rules = settings.valuation
    guard rules.enabled else { return [] }
    let confidence = value.confidence > 0 ? value.confidence : 1
    guard Slack.reaches(confidence, rules.minConfidence) else { return .unsure }
    guard let market = market(for: value, lastPrice, rules) else { return .stale }
    lastMarket = LastPrice(price: market, time: time)
    guard let change = valuation.look(value, market: market, confidence: confidence, time: time, rules) else {
      return []
    }
    events.append(
      MarketEvent(
        type: .valuation, direction: change.direction, session: segment.session, symbol: symbol,
        source: .fairMarketValue, occurrence: occurrences.next(.valuation, at: time), eventTime: time, price: market,
        size: 0, significance: change.significance, detail: .valuation(change.detail)))
    return []
  }

  private func market(
    for value: FairMarketValue, _ last: LastPrice?, _ settings: FairValueSettings.Valuation
  ) -> Double? {
    if value.marketPrice > 0 { return value.marketPrice }
    guard let last, last.price > 0 else { return nil }
    let (age, overflow) = value.eventTime.nanoseconds.subtractingReportingOverflow(last.time.nanoseconds)
    // A price from after the value is young; a difference beyond 64 bits is older than any limit, or younger.
    let isYoung = overflow ? value.eventTime < last.time : age <= settings.maxStalenessNanos
    return isYoung ? last.price : nil
  }

  fileprivate mutating func forgetCalendar() {
    segment = CalendarSegment(session: .closed, start: UnixNanos(0), end: UnixNanos(0))
  }

  fileprivate var snapshot: SymbolSnapshot {
    var snapshot = SymbolSnapshot(symbol: symbol)
    snapshot.profile = profile
    snapshot.watermark = watermark
    snapshot.lastPrice = lastMarket.price
    snapshot.lastPriceTime = lastMarket.time
    snapshot.session = segment.session
    snapshot.valuation = valuation.verdict
    return snapshot
  }
}

/// The valuation of the symbols of one channel: fair values in, events out.
///
/// A pure function of the fair values and of the tick prices that the caller hands in with them.
/// - Cost: O(1) a value; no allocation but for a symbol's first and where `events` grows.
/// - Not thread-safe: owned by its channel's worker. Source: detectors.md, "VALUATION".
package struct FairValueEngine: Sendable {
  private var profiles: [FairValueProfile]
  private var states = SymbolStates<FairValueSymbolState>()
  /// The newest event time taken, over all symbols; 0 = none.
  package private(set) var watermark = UnixNanos(0)

  package init(profiles: [FairValueProfile]) { self.profiles = profiles }

  package var symbolCount: Int { states.count }

  /// Takes one fair value and appends the event it causes.
  /// - Parameters:
  ///   - profile: index into `profiles`; counts at the symbol's first value, later ones keep the first's.
  ///   - lastPrice: the symbol's last good tick price, nil where no tick has come; asked for only by values without a market price.
  package mutating func process(
    _ value: FairMarketValue, profile: Int, lastPrice: (SymbolID) -> LastPrice?, events: inout [MarketEvent]
  ) -> ItemOutcome {
    if value.eventTime > watermark { watermark = value.eventTime }
    let last = value.marketPrice > 0 ? nil : lastPrice(value.symbol)
    return states.update(value.symbol, orAdd: FairValueSymbolState(symbol: value.symbol, profile: profile)) {
      state in
      let rules = profiles[state.profile]
      return state.take(value, lastPrice: last, rules.settings, rules.calendar, events: &events)
    }
  }

  package func snapshot(of symbol: SymbolID) -> SymbolSnapshot? {
    // One that has begun anew and seen nothing since says nothing.
    states[symbol].flatMap { $0.watermark > UnixNanos(.min) ? $0.snapshot : nil }
  }

  // MARK: - Moving and changing

  /// Hands a symbol's state out; the engine forgets the symbol.
  package mutating func takeState(of symbol: SymbolID) -> FairValueSymbolState? { states.remove(symbol) }

  /// Goes on where another engine with the same profiles stopped; what was known of the symbol here is replaced.
  package mutating func adopt(_ state: FairValueSymbolState) {
    watermark = max(watermark, state.watermark)
    states.set(state, for: state.symbol)
  }

  /// The symbol begins anew, under the same profile.
  package mutating func resetState(of symbol: SymbolID) {
    guard let state = states[symbol] else { return }
    states.set(FairValueSymbolState(symbol: symbol, profile: state.profile), for: symbol)
  }

  /// Changes settings while data flow; what is remembered stays. As many profiles as before, in the same order, or more.
  package mutating func replace(profiles: [FairValueProfile]) {
    precondition(profiles.count >= self.profiles.count, "symbols would lose their profiles")
    self.profiles = profiles
    states.updateAll { $0.forgetCalendar() }
  }
}
