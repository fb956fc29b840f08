import MarketData

@testable import Channels

/// The routes of ticks' symbols as a decoder remembers them: asked for once, corrected a few at a time.
final class RememberedRoutes: RouteMemory {
  private var routes: [SymbolRoute] = []
  private var indexOf: [SymbolID: Int] = [:]
  private var next = 0
  private let step: Int

  init(step: Int = 3) { self.step = step }

  func place(of symbol: SymbolID, in registry: SymbolRegistry) -> Int? {
    if let index = indexOf[symbol] { return Int(routes[index].channel) }
    guard let place = registry.channel(of: symbol, .tick) else { return nil }
    indexOf[symbol] = routes.count
    routes.append(SymbolRoute(symbol: symbol, profile: 0, channel: UInt16(place), maxAheadNanos: 0))
    return place
  }

  func update(_ type: ChannelType, _ change: (inout SymbolRoute) -> Void) -> Bool {
    guard type == .tick else { return true }
    let end = min(next + step, routes.count)
    for index in next..<end { change(&routes[index]) }
    next = end < routes.count ? end : 0
    return end == routes.count
  }
}
