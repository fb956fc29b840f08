import Channels
import Detection
import Foundation
import LockFree
import MarketData
import Synchronization
import TestKit
import Testing

@Suite struct RoutingTests {
  private static func registry(
    channels: Int, maxSymbols: Int = 100_000, rule: RoutingRule = RoutingRule()
  ) -> SymbolRegistry {
    let registry = SymbolRegistry(
      symbols: SymbolTable(capacity: maxSymbols),
      profiles: [
        Profile(
          name: "coins", patterns: [SymbolPattern("BTC*"), SymbolPattern("ETH")], calendar: .continuous,
          maxAheadNanos: 1),
        Profile(name: "rest", calendar: .continuous, maxAheadNanos: 2),
      ],
      channels: (0..<channels).map { ChannelSettings(name: "ticks-\($0 + 1)") })
    registry.setRule(rule, of: .tick)
    return registry
  }

  private func places(_ names: [String], in registry: SymbolRegistry) -> [Int] {
    names.map { (try? registry.resolve(symbol: $0, type: .tick).get()).map { Int($0.channel) } ?? -1 }
  }

  @Test func aSymbolTakesTheFirstProfileThatMatches() throws {
    let registry = Self.registry(channels: 1)
    #expect(try registry.resolve(symbol: "BTCUSD", type: .tick).get().profile == 0)
    #expect(try registry.resolve(symbol: "ETH", type: .tick).get().profile == 0)
    #expect(try registry.resolve(symbol: "ETHUSD", type: .tick).get().profile == 1)
    #expect(try registry.resolve(symbol: "ETHUSD", type: .tick).get().maxAheadNanos == 2)
  }

  @Test func placementDependsOnNamesAloneAndIsEven() throws {
    let forward = Self.registry(channels: 4)
    let backward = Self.registry(channels: 4)
    let names = (0..<4_000).map { "SYM\($0)" }
    _ = places(names.reversed(), in: backward)
    #expect(places(names, in: forward) == places(names, in: backward))
    // Of 4,000 fair draws each channel gets 1,000 ± 27 (one σ); six σ is 164.
    #expect(forward.counts.symbols.count == 4)
    for count in forward.counts.symbols.values { #expect((836...1_164).contains(count)) }
  }

  @Test func roundRobinTakesTurnsAndLeastLoadedLevels() {
    let names = (0..<8).map { "S\($0)" }
    #expect(
      places(names, in: Self.registry(channels: 3, rule: RoutingRule(strategy: .roundRobin))) == [
        0, 1, 2, 0, 1, 2, 0, 1,
      ])
    for strategy in [RoutingStrategy.leastLoaded, .healthiest] {
      let registry = Self.registry(channels: 3, rule: RoutingRule(strategy: strategy))
      _ = places(names, in: registry)
      #expect(registry.counts.symbols == [0: 3, 1: 3, 2: 2])
    }
  }

  @Test func randomFollowsItsSeed() {
    let names = (0..<200).map { "S\($0)" }
    let first = places(names, in: Self.registry(channels: 4, rule: RoutingRule(strategy: .random, seed: 7)))
    #expect(first == places(names, in: Self.registry(channels: 4, rule: RoutingRule(strategy: .random, seed: 7))))
    #expect(first != places(names, in: Self.registry(channels: 4, rule: RoutingRule(strategy: .random, seed: 8))))
    #expect(Set(first) == [0, 1, 2, 3])
  }

  @Test func symbolsBeyondTheLimitAreRefusedAndKnownOnesAreNot() {
    let registry = Self.registry(channels: 1, maxSymbols: 2)
    for name in ["A", "B"] { _ = registry.resolve(symbol: name, type: .tick) }
    #expect(registry.resolve(symbol: "C", type: .tick) == .failure(.tooManySymbols))
    #expect((try? registry.resolve(symbol: "A", type: .tick).get()) != nil)
  }

  @Test func kindsWithoutAChannelAreToldSo() {
    #expect(Self.registry(channels: 1).resolve(symbol: "A", type: .bar) == .failure(.noChannel))
  }
}
