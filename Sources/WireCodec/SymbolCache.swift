internal import Channels

/// One event loop's memory of where symbols go: the resolver is asked once a symbol.
///
/// Symbols of up to 15 bytes lie in an open-addressed table keyed by their bytes and length in two words: it is asked before a symbol's bytes are
/// checked, so that no bytes may look like another symbol's. Longer ones lie in a `LongSymbolCache`.
/// Nothing is ever forgotten: a symbol whose place was looked up twice in one read could be led two ways, and its items reordered. Routes change in
/// place, by `update`, between two reads.
/// - Cost: a hit is a hash, a probe and two compares. Memory: 32 bytes a slot, two to four slots a symbol, at most `max_symbols` of them.
struct SymbolCache: ~Copyable {
  static let shortBytesMax = 15

  struct Key: Equatable {
    var low: UInt64
    var high: UInt64
  }

  /// The secret part of the hash. Without it anybody can work out names that all begin their probes at one slot, and every look-up near it walks
  /// past thousands of them.
  struct Seed {
    /// One for the process: its event loops keep a cache for each kind of item.
    static let process = Seed(low: .random(in: .min ... .max), high: .random(in: .min ... .max))

    var low: UInt64
    var high: UInt64
  }

  private struct Slot {
    var key: Key
    var route: SymbolRoute
  }

  private let seed: Seed
  private var slots: UnsafeMutablePointer<Slot>
  private var mask: Int
  private(set) var used = 0
  private var long = LongSymbolCache()
  /// Slots before this one have been seen by the walk of `update` that is under way.
  private var seen = 0

  init(seed: Seed = .process) {
    self.seed = seed
    mask = 1_023
    slots = Self.allocate(mask + 1)
  }

  deinit { slots.deallocate() }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Slot> {
    let slots = UnsafeMutablePointer<Slot>.allocate(capacity: count)
    // A first word of zeros is no symbol's: it marks a free slot.
    memset0(slots, count)
    return slots
  }

  private static func memset0(_ slots: UnsafeMutablePointer<Slot>, _ count: Int) {
    UnsafeMutableRawPointer(slots).initializeMemory(
      as: UInt8.self, repeating: 0, count: count * MemoryLayout<Slot>.stride)
  }

  /// The key of a symbol of 1 to 15 bytes: its bytes, zeros, and its length as the sixteenth byte.
  /// - Parameter readable: bytes that may be read from `bytes` on, at least `count`.
  @inline(__always)
  static func key(_ bytes: UnsafeRawPointer, count: Int, readable: Int) -> Key {
    let length = UInt64(truncatingIfNeeded: count) << 56
    if readable >= 16 {
      let low = bytes.loadUnaligned(as: UInt64.self).littleEndian
      if count <= 8 { return Key(low: low & (~0 &>> UInt64(64 - 8 * count)), high: length) }
      let high = (bytes + 8).loadUnaligned(as: UInt64.self).littleEndian
      return Key(low: low, high: high & (~0 &>> UInt64(128 - 8 * count)) | length)
    }
    var key = Key(low: 0, high: length)
    for index in 0..<count {
      let byte = UInt64(bytes.load(fromByteOffset: index, as: UInt8.self))
      if index < 8 { key.low |= byte << UInt64(8 * index) } else { key.high |= byte << UInt64(8 * (index - 8)) }
    }
    return key
  }

  /// A 128-bit product folded to 64 bits: every bit of the key moves the low bits, which choose the slot, in a way that only the seed tells.
  @inline(__always)
  static func hash(_ key: Key, _ seed: Seed) -> Int {
    let product = (key.low ^ seed.low).multipliedFullWidth(by: key.high ^ seed.high)
    return Int(truncatingIfNeeded: product.low ^ product.high)
  }

  @inline(__always)
  borrowing func find(_ key: Key) -> SymbolRoute? {
    var index = Self.hash(key, seed) & mask
    while true {
      let slot = slots + index
      if slot.pointee.key == key { return slot.pointee.route }
      if slot.pointee.key.low == 0 { return nil }
      index = (index + 1) & mask
    }
  }

  borrowing func find(long symbol: UnsafeRawBufferPointer) -> SymbolRoute? { long.find(symbol) }

  mutating func insert(_ key: Key, _ route: SymbolRoute) {
    if used * 2 > mask { grow() }
    put(key, route)
    used += 1
  }

  mutating func insert(long symbol: UnsafeRawBufferPointer, _ route: SymbolRoute) {
    long.insert(symbol, route)
  }

  /// Calls `change` with the routes in the next slots.
  /// - Returns: whether this was the end of a walk through all; the next call begins another one.
  mutating func update(slots limit: Int, _ change: (inout SymbolRoute) -> Void) -> Bool {
    let start = seen
    seen = min(start + limit, mask + 1)
    for index in start..<seen where slots[index].key.low != 0 { change(&slots[index].route) }
    let left = limit - (seen - start)
    guard seen > mask, left > 0, long.update(slots: left, change) else { return false }
    seen = 0
    return true
  }

  private mutating func put(_ key: Key, _ route: SymbolRoute) {
    var index = Self.hash(key, seed) & mask
    while slots[index].key.low != 0 { index = (index + 1) & mask }
    slots[index] = Slot(key: key, route: route)
  }

  private mutating func grow() {
    let old = slots
    let oldCount = mask + 1
    mask = oldCount * 2 - 1
    // Routes that a walk has not come to may lie before where it stands now: it would miss them.
    seen = 0
    slots = Self.allocate(mask + 1)
    for index in 0..<oldCount where old[index].key.low != 0 { put(old[index].key, old[index].route) }
    old.deallocate()
  }
}
