package import MarketData

/// What became of one tick besides its events.
package struct TickOutcome: OptionSet, BitwiseCopyable, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Older than its symbol's watermark by more than the tolerance: ignored.
  package static let late = TickOutcome(rawValue: 1)
  /// Kept out by the print filter.
  package static let quarantined = TickOutcome(rawValue: 2)
  /// In CLOSED: only the last price was updated.
  package static let outOfSession = TickOutcome(rawValue: 4)
}

/// The rules for the symbols of one profile.
package struct TickProfile: Sendable {
  package var name: String
  package var calendar: TradingCalendar
  package var settings: TickDetectorSettings
  package var configVersion: UInt32

  package init(name: String, calendar: TradingCalendar, settings: TickDetectorSettings, configVersion: UInt32 = 1) {
    self.name = name
    self.calendar = calendar
    self.settings = settings
    self.configVersion = configVersion
  }
}

/// All tick detectors for the symbols of one channel: ticks in, events out.
///
/// A pure function of the ticks, in their order: no clock, no randomness. Any tick with a finite price above 0 and a finite size of at least 0
/// is taken; no input makes it fail.
/// - Cost: O(1) a tick, amortised over event time; no allocation but for a symbol's first tick and where `events` grows.
/// - Not thread-safe: owned by its channel's worker. Source: detectors.md.
package struct TickEngine {
  private struct Rules {
    let calendar: TradingCalendar
    let settings: CompiledSettings
  }

  private var rules: [Rules]
  private var states = StatePages()
  /// The windows' seconds by state number: W cells each.
  private var cells: [[SecondCell]] = []
  /// State numbers by symbol number; -1 = not seen.
  private var stateOfSymbol: [Int32] = []
  /// The newest event time taken, over all symbols; 0 = none.
  package private(set) var watermark = UnixNanos(0)

  package init(profiles: [TickProfile]) {
    rules = profiles.map { profile in
      Rules(calendar: profile.calendar, settings: CompiledSettings(profile.settings))
    }
  }

  package var symbolCount: Int { states.count }

  /// Takes one tick and appends the events it causes, in the order of detectors.md.
  /// - Parameter profile: index into `profiles`; counts at the symbol's first tick, later ones keep the first's.
  package mutating func process(_ tick: Tick, profile: Int, events: inout [MarketEvent]) -> TickOutcome {
    let number = state(of: tick.symbol, profile: profile)
    if tick.eventTime > watermark { watermark = tick.eventTime }
    let place = StatePages.place(of: number)
    let rule = states.pages[place.page][place.index].profile
    // Three stored properties, each accessed in place: through a closure or a copy the settings would be copied for each tick.
    return states.pages[place.page][place.index].take(
      tick, cells: &cells[number], rules.span[rule].settings, calendar: rules.span[rule].calendar, events: &events)
  }

  package func snapshot(of symbol: SymbolID) -> SymbolSnapshot? {
    let index = Int(symbol.index)
    guard stateOfSymbol.indices.contains(index), stateOfSymbol[index] >= 0 else { return nil }
    let state = states[Int(stateOfSymbol[index])]
    return state.snapshot(rules[state.profile].settings)
  }

  @inline(__always)
  private mutating func state(of symbol: SymbolID, profile: Int) -> Int {
    let index = Int(symbol.index)
    if index < stateOfSymbol.count, stateOfSymbol[index] >= 0 { return Int(stateOfSymbol[index]) }
    return add(symbol, profile: profile)
  }

  @inline(never)
  private mutating func add(_ symbol: SymbolID, profile: Int) -> Int {
    let index = Int(symbol.index)
    while stateOfSymbol.count <= index { stateOfSymbol.append(-1) }
    let number = states.add(TickState(symbol: symbol, profile: profile))
    cells.append(Array(repeating: SecondCell(), count: Int(rules[profile].settings.activity.windowSeconds)))
    stateOfSymbol[index] = Int32(number)
    return number
  }
}
