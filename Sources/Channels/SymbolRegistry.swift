internal import LockFree
package import MarketData

/// A profile as routing sees it.
package struct RoutedProfile: Sendable {
  package var patterns: [SymbolPattern]
  package var maxAheadNanos: Int64

  package init(patterns: [SymbolPattern], maxAheadNanos: Int64) {
    self.patterns = patterns
    self.maxAheadNanos = maxAheadNanos
  }
}

/// A channel as routing sees it: its index is its place in the list.
package struct RoutedChannel: Sendable {
  package var name: String
  package var type: ChannelType
  /// Indices of the profiles that it takes; empty = all.
  package var profiles: Set<Int>

  package init(name: String, type: ChannelType, profiles: Set<Int> = []) {
    self.name = name
    self.type = type
    self.profiles = profiles
  }
}

/// Every symbol's number, profile and channel: given at first sight, and kept.
///
/// The profile is the first whose pattern matches; the channel is chosen by rendezvous hashing among those of the type that take the profile, so
/// that a symbol's place depends on names alone, not on the order of arrival.
/// - Cost: a mutex and a dictionary; event loops keep a cache in front of it.
package final class SymbolRegistry: SymbolResolver {
  private struct Content {
    var routes: [String: SymbolRoute] = [:]
    var symbolsOfChannel: [UInt64]
  }

  package let symbols: SymbolTable
  private let profiles: [RoutedProfile]
  private let channels: [RoutedChannel]
  private let content: Guarded<Content>

  package init(symbols: SymbolTable, profiles: [RoutedProfile], channels: [RoutedChannel]) {
    self.symbols = symbols
    self.profiles = profiles
    self.channels = channels
    content = Guarded(Content(symbolsOfChannel: Array(repeating: 0, count: channels.count)))
  }

  /// Placements never move yet: caches stay valid.
  package var routingEpoch: UInt64 { 0 }

  package func resolve(symbol: RawSpan, type: ChannelType) -> Result<SymbolRoute, RejectionCode> {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(symbol.byteCount)
    for offset in 0..<symbol.byteCount { bytes.append(symbol.unsafeLoad(fromByteOffset: offset, as: UInt8.self)) }
    return resolve(symbol: String(decoding: bytes, as: UTF8.self), type: type)
  }

  package func resolve(symbol: String, type: ChannelType) -> Result<SymbolRoute, RejectionCode> {
    guard channels.contains(where: { $0.type == type }) else { return .failure(.noChannel) }
    return content.withLock { content in
      if let route = content.routes[symbol], channels[Int(route.channel)].type == type { return .success(route) }
      guard let profile = profiles.firstIndex(where: { $0.patterns.contains { $0.matches(symbol) } }),
        let channel = place(symbol, type: type, profile: profile)
      else { return .failure(.noChannel) }
      guard let id = symbols.id(adding: symbol) else { return .failure(.tooManySymbols) }
      let route = SymbolRoute(
        symbol: id, profile: UInt16(profile), channel: UInt16(channel), maxAheadNanos: profiles[profile].maxAheadNanos)
      content.routes[symbol] = route
      content.symbolsOfChannel[channel] += 1
      return .success(route)
    }
  }

  /// A symbol's route, if it has been seen.
  package func route(of symbol: String) -> SymbolRoute? { content.withLock { $0.routes[symbol] } }

  /// How many symbols live on each channel.
  package var symbolsOfChannels: [UInt64] { content.withLock { $0.symbolsOfChannel } }

  private func place(_ symbol: String, type: ChannelType, profile: Int) -> Int? {
    var best: (index: Int, weight: UInt64)?
    for (index, channel) in channels.enumerated() {
      guard channel.type == type, channel.profiles.isEmpty || channel.profiles.contains(profile) else { continue }
      let weight = Self.weight(symbol, channel.name)
      if best == nil || weight > (best?.weight ?? 0) { best = (index, weight) }
    }
    return best?.index
  }

  /// FNV-1a over both names, then splitmix64's finisher: FNV alone spreads short names badly.
  static func weight(_ symbol: String, _ channel: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    for byte in symbol.utf8 { mix(byte) }
    mix(0)
    for byte in channel.utf8 { mix(byte) }
    hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
    hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
    return hash ^ (hash >> 31)
  }
}
