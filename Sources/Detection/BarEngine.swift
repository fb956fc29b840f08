package import MarketData

/// The rules for the symbols of one profile in bar channels.
package struct BarProfile: Sendable {
  package var name: String
  package var calendar: TradingCalendar
  package var settings: BarDetectorSettings
  package var configVersion: UInt32

  package init(name: String, calendar: TradingCalendar, settings: BarDetectorSettings, configVersion: UInt32 = 1) {
    self.name = name
    self.calendar = calendar
    self.settings = settings
    self.configVersion = configVersion
  }
}

/// What one symbol's bar detectors remember: a value, so that it can move from engine to engine.
package struct BarSymbolState: Equatable, Sendable {
  package let symbol: SymbolID
  /// Index of the symbol's profile.
  package fileprivate(set) var profile: Int
  /// By the time of their newest arrival, oldest first.
  fileprivate var series: [BarSeries] = []
  /// The newest bar start.
  package fileprivate(set) var watermark = UnixNanos(.min)
}

/// All bar detectors for the symbols of one channel: bars in, events out.
///
/// A pure function of the bars, in their order. Any bar that is valid is taken; no input makes it fail.
/// - Cost: O(closes + history + windows) a bar; no allocation but for a series' first bars and where `events` grows.
/// - Not thread-safe: owned by its channel's worker. Source: detectors.md, "Bar channels".
package struct BarEngine: Sendable {
  /// Of one symbol. One more takes the place of the one that has been silent longest, so that memory for a symbol has an end.
  package static let durationsMax = 16

  private var profiles: [BarProfile]
  private var states = SymbolStates<BarSymbolState>()
  /// The newest bar start taken, over all symbols; 0 = none.
  package private(set) var watermark = UnixNanos(0)

  package init(profiles: [BarProfile]) { self.profiles = profiles }

  package var symbolCount: Int { states.count }

  /// Takes one bar and appends the events it causes, in the order of detectors.md.
  /// - Parameter profile: index into `profiles`; counts at the symbol's first bar, later ones keep the first's.
  package mutating func process(_ bar: Bar, profile: Int, events: inout [MarketEvent]) -> ItemOutcome {
    if bar.start > watermark { watermark = bar.start }
    return states.update(bar.symbol, orAdd: BarSymbolState(symbol: bar.symbol, profile: profile)) { state in
      let rules = profiles[state.profile]
      var series =
        state.series.firstIndex { $0.durationNanos == bar.durationNanos }.map { state.series.remove(at: $0) }
        ?? BarSeries(durationNanos: bar.durationNanos)
      let outcome = series.take(bar, rules.settings, rules.calendar, events: &events)
      if state.series.count >= Self.durationsMax { state.series.removeFirst() }
      state.series.append(series)
      state.watermark = max(state.watermark, bar.start)
      return outcome
    }
  }

  package func snapshot(of symbol: SymbolID) -> SymbolSnapshot? {
    guard let state = states[symbol], let newest = state.series.max(by: { $0.start < $1.start }) else { return nil }
    var snapshot = SymbolSnapshot(symbol: symbol)
    snapshot.profile = state.profile
    snapshot.watermark = state.watermark
    snapshot.lastPrice = newest.lastClose
    snapshot.lastPriceTime = newest.start
    snapshot.session = newest.session
    return snapshot
  }

  // MARK: - Moving and changing

  /// Hands a symbol's state out; the engine forgets the symbol.
  package mutating func takeState(of symbol: SymbolID) -> BarSymbolState? { states.remove(symbol) }

  /// Goes on where another engine with the same profiles stopped; what was known of the symbol here is replaced.
  package mutating func adopt(_ state: BarSymbolState) {
    watermark = max(watermark, state.watermark)
    states.set(state, for: state.symbol)
  }

  /// The symbol begins anew, under the same profile.
  package mutating func resetState(of symbol: SymbolID) {
    guard let state = states[symbol] else { return }
    states.set(BarSymbolState(symbol: symbol, profile: state.profile), for: symbol)
  }

  /// Changes settings while data flow; what is remembered stays. As many profiles as before, in the same order, or more.
  package mutating func replace(profiles: [BarProfile]) {
    precondition(profiles.count >= self.profiles.count, "symbols would lose their profiles")
    let changed = zip(profiles, self.profiles).map { $0.calendar != $1.calendar }
    self.profiles = profiles
    guard changed.contains(true) else { return }
    states.updateAll { state in
      guard changed.indices.contains(state.profile), changed[state.profile] else { return }
      for index in state.series.indices { state.series[index].forgetCalendar() }
    }
  }
}
