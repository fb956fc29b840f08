internal import MarketData
package import Settings

/// A strategy and its seed.
package struct RoutingRule: Equatable, Sendable {
  package var strategy: RoutingStrategy
  /// Of `random`.
  package var seed: UInt64

  package init(strategy: RoutingStrategy = .symbolHash, seed: UInt64 = 0) {
    self.strategy = strategy
    self.seed = seed
  }
}

extension RoutingRule: KeyedSettings {
  package mutating func keys(_ rule: SettingsSection) {
    rule.choice("strategy", into: &strategy)
    rule.integer("seed", in: 0...UInt64(Int.max), into: &seed)
  }
}

/// Chooses the channel for a symbol by one strategy. Deterministic for the same order of questions, apart from what channels' loads say.
struct PlacementChooser: Sendable {
  let rule: RoutingRule
  private var turn = 0
  private var random: UInt64
  /// Symbols given out by number, while a whole kind is placed anew; nil otherwise.
  private var planned: [Int: UInt64]?

  init(_ rule: RoutingRule) {
    self.rule = rule
    random = rule.seed
  }

  /// From here to `end()` a whole kind is placed anew: loads are counted from the choices made so far, not from where symbols are.
  mutating func begin() {
    planned = [:]
    turn = 0
    random = rule.seed
  }

  mutating func end() { planned = nil }

  /// - Parameters:
  ///   - candidates: channels that may take the symbol, in the order of their creation.
  ///   - symbols: how many live on each, by number.
  mutating func choose(_ symbol: String, among candidates: [ChannelControl], symbols: [Int: UInt64]) -> ChannelControl?
  {
    guard let first = candidates.first else { return nil }
    let counts = planned ?? symbols
    let chosen: ChannelControl
    switch rule.strategy {
    case .symbolHash:
      chosen = candidates.max { Self.weight(symbol, $0.name) < Self.weight(symbol, $1.name) } ?? first
    case .roundRobin:
      chosen = candidates[turn % candidates.count]
      turn += 1
    case .leastLoaded:
      chosen = Self.leastLoaded(candidates, counts, isPlanning: planned != nil)
    case .healthiest:
      let best = candidates.map(\.health.rawValue).min() ?? 0
      chosen = Self.leastLoaded(candidates.filter { $0.health.rawValue == best }, counts, isPlanning: planned != nil)
    case .random:
      chosen = candidates[Int(nextRandom() % UInt64(candidates.count))]
    }
    planned?[chosen.number, default: 0] += 1
    return chosen
  }

  /// The emptiest ring, by eighths so that a few items decide nothing; then the fewest symbols.
  private static func leastLoaded(
    _ candidates: [ChannelControl], _ counts: [Int: UInt64], isPlanning: Bool
  ) -> ChannelControl {
    func load(_ control: ChannelControl) -> (Int, UInt64, Int) {
      let eighths = isPlanning ? 0 : control.depth * 8 / max(1, control.settings.ringCapacity)
      return (eighths, counts[control.number] ?? 0, control.number)
    }
    return candidates.map { (load($0), $0) }.min { $0.0 < $1.0 }?.1 ?? candidates[0]
  }

  /// splitmix64.
  private mutating func nextRandom() -> UInt64 {
    random &+= 0x9E37_79B9_7F4A_7C15
    return Self.finish(random)
  }

  private static func finish(_ value: UInt64) -> UInt64 {
    var hash = value
    hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
    hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
    return hash ^ (hash >> 31)
  }

  /// FNV-1a over both names, then splitmix64's finisher: FNV alone spreads short names badly.
  static func weight(_ symbol: String, _ channel: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    for byte in symbol.utf8 { mix(byte) }
    mix(0)
    for byte in channel.utf8 { mix(byte) }
    return finish(hash)
  }
}
