import Channels
import Detection
import Foundation
import LockFree
import MarketData
import Synchronization
import TestKit
import Testing

@Suite struct RoutingTests {
  private static func registry(channels: Int, maxSymbols: Int = 100_000) -> SymbolRegistry {
    SymbolRegistry(
      symbols: SymbolTable(capacity: maxSymbols),
      profiles: [
        RoutedProfile(patterns: [SymbolPattern("BTC*"), SymbolPattern("ETH")], maxAheadNanos: 1),
        RoutedProfile(patterns: [SymbolPattern("*")], maxAheadNanos: 2),
      ],
      channels: (0..<channels).map { RoutedChannel(name: "ticks-\($0 + 1)", type: .tick) })
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
    for name in names { _ = forward.resolve(symbol: name, type: .tick) }
    for name in names.reversed() { _ = backward.resolve(symbol: name, type: .tick) }
    for name in names { #expect(forward.route(of: name)?.channel == backward.route(of: name)?.channel) }
    // Of 4,000 fair draws each channel gets 1,000 ± 27 (one σ); six σ is 164.
    for count in forward.symbolsOfChannels { #expect((836...1_164).contains(count)) }
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
