package import MarketData

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
  private final class Rules: Sendable {
    let profile: TickProfile
    let settings: CompiledSettings

    init(_ profile: TickProfile) {
      self.profile = profile
      settings = CompiledSettings(profile.settings)
    }
  }

  private var rules: [Rules]
  /// By profile.
  private var calendars: [SegmentCache]
  /// By state number: what most ticks need, and what the others do.
  private var ranges = Pages<QuietRange>()
  private var states = Pages<TickState>()
  /// The windows' seconds by state number: W cells each.
  private var cells: [[SecondCell]] = []
  /// Bars built from ticks by state number.
  private var bars: [TickBars] = []
  /// Numbers of states that have left.
  private var free: [Int] = []
  /// State numbers by symbol number; -1 = not seen.
  private var stateOfSymbol: [Int32] = []
  private let usesQuietRanges: Bool
  /// The newest event time taken, over all symbols; 0 = none.
  package private(set) var watermark = UnixNanos(0)

  /// - Parameter usesQuietRanges: false looks at every tick in full: slower, and for tests.
  package init(profiles: [TickProfile], usesQuietRanges: Bool = true) {
    self.usesQuietRanges = usesQuietRanges
    rules = profiles.map { Rules($0) }
    calendars = profiles.map { SegmentCache($0.calendar) }
  }

  package var symbolCount: Int { states.count - free.count }

  /// Takes one tick and appends the events it causes, in the order of detectors.md.
  /// - Parameter profile: index into `profiles`; counts at the symbol's first tick, later ones keep the first's.
  package mutating func process(_ tick: Tick, profile: Int, events: inout [MarketEvent]) -> ItemOutcome {
    let number = state(of: tick.symbol, profile: profile)
    if tick.eventTime > watermark { watermark = tick.eventTime }
    let range = ranges.address(of: number)
    switch range.pointee.take(tick) {
    case .good: return []
    case .oddLot: return .oddLot
    case .no: return look(at: tick, number, range, &events)
    }
  }

  /// What a tick outside its symbol's quiet range does.
  @inline(never)
  private mutating func look(
    at tick: Tick, _ number: Int, _ range: Pages<QuietRange>.Address, _ events: inout [MarketEvent]
  ) -> ItemOutcome {
    let state = states.address(of: number)
    let profile = state.pointee.profile
    let outcome = state.pointee.look(
      at: tick, range: &range.pointee, cells: &cells[number], bars: &bars[number], rules[profile].settings,
      calendar: &calendars[profile], events: &events)
    if !usesQuietRanges { range.pointee = QuietRange() }
    return outcome
  }

  /// The symbol's last good price, with its time.
  package func lastPrice(of symbol: SymbolID) -> LastPrice? {
    guard let number = number(of: symbol) else { return nil }
    let range = ranges[number]
    if range.wasUsed { return LastPrice(price: range.price, time: range.goodTime) }
    return states[number].lastPrice
  }

  package func snapshot(of symbol: SymbolID) -> SymbolSnapshot? {
    guard let number = number(of: symbol) else { return nil }
    let state = current(number)
    // One that has begun anew and seen nothing since says nothing.
    guard state.watermark > UnixNanos(.min) else { return nil }
    return state.snapshot(rules[state.profile].settings)
  }

  // MARK: - Moving and changing

  /// Hands a symbol's state out; the engine forgets the symbol.
  package mutating func takeState(of symbol: SymbolID) -> TickSymbolState? {
    guard let number = number(of: symbol) else { return nil }
    let state = current(number)
    defer {
      stateOfSymbol[Int(symbol.index)] = -1
      cells[number] = []
      bars[number] = TickBars(lengths: [])
      free.append(number)
    }
    return TickSymbolState(
      state: state, cells: cells[number], bars: bars[number], settings: rules[state.profile].settings)
  }

  /// Goes on where another engine with the same profiles stopped; what was known of the symbol here is replaced.
  package mutating func adopt(_ moved: TickSymbolState) {
    var moved = moved
    watermark = max(watermark, moved.watermark)
    moved.state.change(
      from: moved.settings, to: rules[moved.state.profile].settings, cells: &moved.cells, bars: &moved.bars)
    let number = number(of: moved.symbol) ?? addPlace(for: moved.symbol, profile: moved.state.profile)
    cells[number] = moved.cells
    bars[number] = moved.bars
    put(moved.state, number)
  }

  /// The symbol begins anew, under the same profile.
  package mutating func resetState(of symbol: SymbolID) {
    guard let number = number(of: symbol) else { return }
    put(fresh(symbol, profile: current(number).profile, number), number)
  }

  /// Changes settings while data flow; what is remembered stays. As many profiles as before, in the same order, or more.
  package mutating func replace(profiles: [TickProfile]) {
    precondition(profiles.count >= rules.count, "symbols would lose their profiles")
    let old = rules
    rules = profiles.enumerated().map { index, profile in
      guard old.indices.contains(index) else { return Rules(profile) }
      let known = old[index].profile
      return known.settings == profile.settings && known.calendar == profile.calendar ? old[index] : Rules(profile)
    }
    calendars = profiles.map { SegmentCache($0.calendar) }
    for number in stateOfSymbol.lazy.filter({ $0 >= 0 }).map(Int.init) {
      var state = current(number)
      let (before, now) = (old[state.profile], rules[state.profile])
      guard before !== now else { continue }
      state.change(from: before.settings, to: now.settings, cells: &cells[number], bars: &bars[number])
      put(state, number)
    }
  }

  // MARK: - Places

  private func number(of symbol: SymbolID) -> Int? {
    let index = Int(symbol.index)
    return index < stateOfSymbol.count && stateOfSymbol[index] >= 0 ? Int(stateOfSymbol[index]) : nil
  }

  /// With what quiet ticks have changed.
  private func current(_ number: Int) -> TickState {
    var state = states[number]
    let range = ranges[number]
    if range.wasUsed { state.takeOver(range) }
    return state
  }

  private mutating func put(_ state: TickState, _ number: Int) {
    states.address(of: number).pointee = state
    ranges.address(of: number).pointee = QuietRange()
  }

  private mutating func fresh(_ symbol: SymbolID, profile: Int, _ number: Int) -> TickState {
    let settings = rules[profile].settings
    cells[number] = Array(repeating: SecondCell(), count: Int(settings.activity.windowSeconds))
    bars[number] = TickBars(lengths: settings.barsNanos)
    return TickState(symbol: symbol, profile: profile)
  }

  @inline(__always)
  private mutating func state(of symbol: SymbolID, profile: Int) -> Int {
    let index = Int(symbol.index)
    if index < stateOfSymbol.count, stateOfSymbol[index] >= 0 { return Int(stateOfSymbol[index]) }
    return add(symbol, profile: profile)
  }

  @inline(never)
  private mutating func add(_ symbol: SymbolID, profile: Int) -> Int {
    let number = addPlace(for: symbol, profile: profile)
    put(fresh(symbol, profile: profile, number), number)
    return number
  }

  /// A state number for a symbol that has none; what lies there is still to be put there.
  private mutating func addPlace(for symbol: SymbolID, profile: Int) -> Int {
    let index = Int(symbol.index)
    while stateOfSymbol.count <= index { stateOfSymbol.append(-1) }
    let number: Int
    if let left = free.popLast() {
      number = left
    } else {
      number = states.count
      cells.append([])
      bars.append(TickBars(lengths: []))
      _ = ranges.add(QuietRange())
      _ = states.add(TickState(symbol: symbol, profile: profile))
    }
    stateOfSymbol[index] = Int32(number)
    return number
  }
}
