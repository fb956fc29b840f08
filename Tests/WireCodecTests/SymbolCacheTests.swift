import Channels
import MarketData
import TestKit
import Testing

@testable import WireCodec

@Suite struct SymbolCacheTests {
  /// Slots that 10,000 symbols take: no more than half of them are used.
  private static let mask = 32_767

  /// The hash that the cache had before it had a seed: everybody could work out which names meet in one slot.
  private static func unseeded(_ key: SymbolCache.Key) -> Int {
    var hash = (key.low ^ (key.high &* 0x9E37_79B9_7F4A_7C15)) &* 0xBF58_476D_1CE4_E5B9
    hash ^= hash >> 32
    return Int(truncatingIfNeeded: hash)
  }

  private static func key(_ name: String) -> SymbolCache.Key {
    var bytes = [UInt8](name.utf8)
    return SymbolCache.key(&bytes, count: bytes.count, readable: bytes.count)
  }

  /// 10,000 names with one slot by the old hash: their seventh and eighth bytes do not reach its low bits, and of the first six bytes those are
  /// taken that give the same low bits.
  private static let crafted: [SymbolCache.Key] = {
    let letters = (33...126).map { Character(UnicodeScalar(UInt8($0))) }.filter { $0 != "*" }
    var keys: [SymbolCache.Key] = []
    var slot: Int?
    var random = SeededRandom(seed: 1)
    while keys.count < 10_000 {
      let stem = String((0..<6).map { _ in letters[Int(random.next() % UInt64(letters.count))] })
      let hash = unseeded(key(stem + "AA")) & mask
      guard slot == nil || slot == hash else { continue }
      slot = hash
      for first in letters { for second in letters { keys.append(key(stem + String([first, second]))) } }
    }
    return Array(keys.prefix(10_000))
  }()

  /// Slots looked at for each key, on average, once all are in: linear probing as the cache does it.
  private func meanProbes(_ keys: [SymbolCache.Key], _ hash: (SymbolCache.Key) -> Int) -> Double {
    var isTaken = [Bool](repeating: false, count: Self.mask + 1)
    var probes = 0
    for key in keys {
      var index = hash(key) & Self.mask
      probes += 1
      while isTaken[index] {
        index = (index + 1) & Self.mask
        probes += 1
      }
      isTaken[index] = true
    }
    return Double(probes) / Double(keys.count)
  }

  @Test func craftedNamesMeetInOneSlotWithoutASeed() {
    #expect(meanProbes(Array(Self.crafted.prefix(2_000)), Self.unseeded) > 900)
  }

  /// At 10,000 of 32,768 slots linear probing expects (1 + 1 / (1 − 0.305)) / 2 = 1.22 slots.
  @Test(arguments: 1...20)
  func craftedNamesAreSpreadByEverySeed(number: UInt64) {
    var random = SeededRandom(seed: number)
    let seed = SymbolCache.Seed(low: random.next(), high: random.next())
    #expect(meanProbes(Self.crafted) { SymbolCache.hash($0, seed) } < 2)
  }

  @Test(arguments: 1...20)
  func ordinaryNamesAreSpreadByEverySeed(number: UInt64) {
    var random = SeededRandom(seed: number)
    let seed = SymbolCache.Seed(low: random.next(), high: random.next())
    for stem in ["", "S", "SYMBOL-", "OPTION-24-"] {
      let keys = (0..<10_000).map { Self.key("\(stem)\($0)") }
      #expect(meanProbes(keys) { SymbolCache.hash($0, seed) } < 2, "\(stem)")
    }
  }

  @Test func theProcessHasASeedOfItsOwn() {
    #expect(SymbolCache.Seed.process.low != 0 && SymbolCache.Seed.process.high != 0)
    #expect(SymbolCache.Seed.process.low != SymbolCache.Seed.process.high)
  }

  // MARK: - Walks

  private static func insert(_ number: Int, into cache: inout SymbolCache) {
    let route = SymbolRoute(symbol: SymbolID(UInt32(number)), profile: 0, channel: 0, maxAheadNanos: 0)
    // Every third symbol is too long for two words.
    let name = number % 3 == 0 ? "A-LONG-SYMBOL-\(number)" : "S\(number)"
    let bytes = [UInt8](name.utf8)
    bytes.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      if bytes.count > SymbolCache.shortBytesMax { return cache.insert(long: bytes, route) }
      cache.insert(SymbolCache.key(base, count: bytes.count, readable: bytes.count), route)
    }
  }

  /// However many there are, a step sees a bounded number of slots; a walk sees each route once.
  @Test(arguments: [0, 1, 100, 2_000, 20_000])
  func aWalkSeesEachRouteOnceInBoundedSteps(count: Int) {
    var cache = SymbolCache()
    for number in 0..<count { Self.insert(number, into: &cache) }
    for _ in 0..<2 {
      var seen = [Int](repeating: 0, count: count)
      var isOver = false
      while !isOver {
        var changed = 0
        isOver = cache.update(slots: 300) { route in
          seen[Int(route.symbol.index)] += 1
          route.channel += 1
          changed += 1
        }
        #expect(changed <= 300)
      }
      #expect(seen.allSatisfy { $0 == 1 })
    }
    var least: UInt16 = .max
    while !cache.update(slots: 1_000, { least = min(least, $0.channel) }) {}
    #expect(count == 0 || least == 2)
  }

  /// A table that grows puts its routes elsewhere: those that were there when the walk began are seen all the same.
  @Test(arguments: 1...20)
  func aWalkMissesNoRouteWhileTheCacheGrows(number: UInt64) {
    var random = SeededRandom(seed: number)
    var cache = SymbolCache()
    let count = 3_000
    for symbol in 0..<count { Self.insert(symbol, into: &cache) }
    var next = count
    var seen = [Bool](repeating: false, count: count)
    while !cache.update(
      slots: 200,
      { route in
        if route.symbol.index < count { seen[Int(route.symbol.index)] = true }
      })
    {
      for _ in 0..<(random.next() % 300) where next < 20_000 {
        Self.insert(next, into: &cache)
        next += 1
      }
    }
    #expect(seen.allSatisfy { $0 })
  }
}
