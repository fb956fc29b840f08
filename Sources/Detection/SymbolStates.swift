internal import MarketData

/// What an engine remembers of each symbol, by the symbol's number; places of symbols that have left are used again.
///
/// - Cost: O(1) a look-up; memory for the highest symbol number, four bytes each, and for the states.
struct SymbolStates<State: Sendable>: Sendable {
  /// Nil = free.
  private(set) var states: [State?] = []
  /// By symbol number; -1 = not here.
  private var places: [Int32] = []
  private var free: [Int32] = []

  init() {}

  var count: Int { states.count - free.count }

  func place(of symbol: SymbolID) -> Int? {
    let index = Int(symbol.index)
    return index < places.count && places[index] >= 0 ? Int(places[index]) : nil
  }

  subscript(symbol: SymbolID) -> State? { place(of: symbol).flatMap { states[$0] } }

  /// Calls `body` with the symbol's state in place, made by `fresh` where the symbol is new.
  mutating func update<Result>(
    _ symbol: SymbolID, orAdd fresh: @autoclosure () -> State, _ body: (inout State) -> Result
  ) -> Result {
    let place = place(of: symbol) ?? add(fresh(), symbol)
    // Moved out and back, so that arrays inside are not copied.
    var state = states[place].take() ?? fresh()
    defer { states[place] = state }
    return body(&state)
  }

  /// Replaces what there was.
  mutating func set(_ state: State, for symbol: SymbolID) {
    if let place = place(of: symbol) { states[place] = state } else { _ = add(state, symbol) }
  }

  mutating func remove(_ symbol: SymbolID) -> State? {
    guard let place = place(of: symbol) else { return nil }
    places[Int(symbol.index)] = -1
    free.append(Int32(place))
    return states[place].take()
  }

  mutating func updateAll(_ body: (inout State) -> Void) {
    for place in states.indices {
      guard var state = states[place].take() else { continue }
      body(&state)
      states[place] = state
    }
  }

  private mutating func add(_ state: State, _ symbol: SymbolID) -> Int {
    let index = Int(symbol.index)
    if places.count <= index { places += Array(repeating: -1, count: index + 1 - places.count) }
    let place: Int
    if let reused = free.popLast() {
      place = Int(reused)
      states[place] = state
    } else {
      place = states.count
      states.append(state)
    }
    places[index] = Int32(place)
    return place
  }
}
