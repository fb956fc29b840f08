package import Channels
internal import MarketData

/// Where symbols go: from the loop's caches, or else from the resolver, which makes a new symbol known.
extension PublishDecoder: RouteMemory {
  /// Slots that one step of a walk through a cache sees: 64 KiB of them, of which a half hold a route.
  private static var slotsAStep: Int { 2_048 }

  package func update(_ type: ChannelType, _ change: (inout SymbolRoute) -> Void) -> Bool {
    switch type {
    case .tick: tickRoutes.update(slots: Self.slotsAStep, change)
    case .bar: barRoutes.update(slots: Self.slotsAStep, change)
    case .fairMarketValue: fairValueRoutes.update(slots: Self.slotsAStep, change)
    }
  }

  /// The route of a tick's symbol that has been seen: nothing else is in the cache.
  /// - Parameter readable: bytes that may be read from the symbol's first on; 0 = no more than its own.
  @inline(__always)
  func cachedRoute(of symbol: UnsafeRawBufferPointer, readable: Int) -> SymbolRoute? {
    guard let base = symbol.baseAddress, symbol.count > 0 else { return nil }
    if symbol.count > SymbolCache.shortBytesMax { return tickRoutes.find(long: symbol) }
    return tickRoutes.find(SymbolCache.key(base, count: symbol.count, readable: max(readable, symbol.count)))
  }

  /// Whether a tick's symbol has a route already; then it is in the cache.
  func isKnown(_ symbol: UnsafeRawBufferPointer) -> Bool {
    guard let route = resolver.knownRoute(of: symbol.bytes, type: .tick) else { return false }
    Self.remember(symbol, route, in: &tickRoutes)
    return true
  }

  /// A checked symbol's route, from the cache or the resolver.
  /// - Parameters:
  ///   - time: of the item; one too far ahead does not make its symbol known.
  ///   - model: of a fair value; one that has no room does not either, and gives `.badFairValue`.
  func route(
    of symbol: UnsafeRawBufferPointer, type: ChannelType, time: Int64, model: String? = nil
  ) -> Result<SymbolRoute, RejectionCode> {
    let ahead = time &- now.nanoseconds
    switch type {
    case .tick:
      if let route = Self.cached(symbol, in: tickRoutes) { return .success(route) }
    case .bar:
      if let route = Self.cached(symbol, in: barRoutes) { return .success(route) }
    case .fairMarketValue:
      if let route = Self.cached(symbol, in: fairValueRoutes) { return .success(route) }
    }
    if ahead > 0, let limit = resolver.maxAheadNanos(ofNew: symbol.bytes, type: type), ahead > limit {
      return .failure(.badTimestamp)
    }
    if let model, !models.hasRoom(for: model), resolver.knownRoute(of: symbol.bytes, type: type) == nil {
      return .failure(.badFairValue)
    }
    let found = resolver.resolve(symbol: symbol.bytes, type: type)
    guard case .success(let route) = found else { return found }
    switch type {
    case .tick: Self.remember(symbol, route, in: &tickRoutes)
    case .bar: Self.remember(symbol, route, in: &barRoutes)
    case .fairMarketValue: Self.remember(symbol, route, in: &fairValueRoutes)
    }
    return found
  }

  @inline(__always)
  private static func cached(_ symbol: UnsafeRawBufferPointer, in cache: borrowing SymbolCache) -> SymbolRoute? {
    guard let base = symbol.baseAddress else { return nil }
    guard symbol.count <= SymbolCache.shortBytesMax else { return cache.find(long: symbol) }
    return cache.find(SymbolCache.key(base, count: symbol.count, readable: symbol.count))
  }

  /// - Precondition: the cache does not hold it.
  private static func remember(
    _ symbol: UnsafeRawBufferPointer, _ route: SymbolRoute, in cache: inout SymbolCache
  ) {
    guard let base = symbol.baseAddress else { return }
    guard symbol.count <= SymbolCache.shortBytesMax else { return cache.insert(long: symbol, route) }
    cache.insert(SymbolCache.key(base, count: symbol.count, readable: symbol.count), route)
  }
}
