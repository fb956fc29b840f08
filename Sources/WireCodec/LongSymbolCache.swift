internal import Channels

/// The routes of symbols that are too long for `SymbolCache`'s words, such as options': an open-addressed table by hash, their bytes beside it.
///
/// - Cost: a hit is a hash of the bytes, seeded for each process, and one comparison of them; no allocation.
/// - Memory: 48 bytes a slot, two to four slots a symbol, and the symbol's bytes.
struct LongSymbolCache: ~Copyable {
  private struct Slot {
    var hash = 0
    /// Where the symbol's bytes lie in `names`.
    var start = 0
    var count = 0
    var route: SymbolRoute?
  }

  private static let slotsAtFirst = 64

  private var slots = Array(repeating: Slot(), count: slotsAtFirst)
  private var names: [UInt8] = []
  private var used = 0
  /// Slots before this one have been seen by the walk of `update` that is under way.
  private var seen = 0

  borrowing func find(_ symbol: UnsafeRawBufferPointer) -> SymbolRoute? {
    let hash = Self.hash(symbol)
    var index = hash & (slots.count - 1)
    while let route = slots[index].route {
      if slots[index].hash == hash, isName(of: index, symbol) { return route }
      index = (index + 1) & (slots.count - 1)
    }
    return nil
  }

  /// - Precondition: `find` does not find it.
  mutating func insert(_ symbol: UnsafeRawBufferPointer, _ route: SymbolRoute) {
    if used * 2 >= slots.count { grow() }
    put(Slot(hash: Self.hash(symbol), start: names.count, count: symbol.count, route: route))
    names.append(contentsOf: symbol)
    used += 1
  }

  /// Calls `change` with the routes in the next slots.
  /// - Returns: whether this was the end of a walk through all; the next call begins another one.
  mutating func update(slots limit: Int, _ change: (inout SymbolRoute) -> Void) -> Bool {
    let start = seen
    seen = min(start + limit, slots.count)
    for index in start..<seen {
      guard var route = slots[index].route else { continue }
      change(&route)
      slots[index].route = route
    }
    guard seen == slots.count else { return false }
    seen = 0
    return true
  }

  private static func hash(_ symbol: UnsafeRawBufferPointer) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: symbol)
    return hasher.finalize()
  }

  private borrowing func isName(of slot: Int, _ symbol: UnsafeRawBufferPointer) -> Bool {
    guard slots[slot].count == symbol.count else { return false }
    let start = slots[slot].start
    for index in 0..<symbol.count where names[start + index] != symbol[index] { return false }
    return true
  }

  private mutating func put(_ slot: Slot) {
    var index = slot.hash & (slots.count - 1)
    while slots[index].route != nil { index = (index + 1) & (slots.count - 1) }
    slots[index] = slot
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: Slot(), count: old.count * 2)
    // Routes that a walk has not come to may lie before where it stands now: it would miss them.
    seen = 0
    for slot in old where slot.route != nil { put(slot) }
  }
}
