package import Detection
internal import LockFree
package import MarketData

/// The detectors of one kind of channel, as its worker uses them.
package protocol ChannelEngine: SendableMetatype {
  associatedtype Item: ChannelItem
  /// The state of one symbol's detectors; it moves with the symbol from channel to channel.
  associatedtype SymbolState: Sendable

  static var type: ChannelType { get }

  init(channelProfiles: [Profile])

  var symbolCount: Int { get }
  /// The newest event time taken, over all symbols; 0 = none.
  var watermark: UnixNanos { get }

  /// Takes one item and appends the events it causes.
  mutating func take(
    _ item: Item, profile: Int, lastPrices: LastPriceTable, events: inout [MarketEvent]
  ) -> ItemOutcome
  func snapshot(of symbol: SymbolID) -> SymbolSnapshot?
  /// Hands a symbol's state out and forgets the symbol.
  mutating func takeState(of symbol: SymbolID) -> SymbolState?
  mutating func adopt(_ state: SymbolState)
  /// The same for many symbols: requirements, so that their loops know the engine they run in. Those without a state are left out.
  mutating func takeStates(of symbols: [SymbolID]) -> [SymbolState]
  mutating func adopt(all states: [SymbolState])
  /// The symbol begins anew.
  mutating func resetState(of symbol: SymbolID)
  /// Also clears what other channels read of the symbol, such as its last price.
  mutating func reset(_ symbol: SymbolID, lastPrices: LastPriceTable)
  /// Changes settings while data flow; as many profiles as before, in the same order, or more.
  mutating func use(_ profiles: [Profile])
}

extension ChannelEngine {
  package mutating func takeStates(of symbols: [SymbolID]) -> [SymbolState] {
    var states: [SymbolState] = []
    states.reserveCapacity(symbols.count)
    for symbol in symbols {
      if let state = takeState(of: symbol) { states.append(state) }
    }
    return states
  }

  package mutating func adopt(all states: [SymbolState]) {
    for state in states { adopt(state) }
  }

  package mutating func reset(_ symbol: SymbolID, lastPrices: LastPriceTable) { resetState(of: symbol) }
}

/// Every symbol's last good tick price, written by the channel that has the symbol, read by those that value it.
package final class LastPriceTable: Sendable {
  private let table: SingleWriterTable

  package init(symbols: Int) { table = SingleWriterTable(capacity: symbols) }

  @inline(__always)
  func store(_ price: Double, _ time: UnixNanos, of symbol: SymbolID) {
    table.store(price.bitPattern, UInt64(bitPattern: time.nanoseconds), at: Int(symbol.index))
  }

  package func price(of symbol: SymbolID) -> LastPrice? {
    guard let pair = table.load(at: Int(symbol.index)) else { return nil }
    let price = Double(bitPattern: pair.first)
    // A reset symbol's price is stored as 0.
    guard price > 0 else { return nil }
    return LastPrice(price: price, time: UnixNanos(Int64(bitPattern: pair.second)))
  }
}

extension TickEngine: ChannelEngine {
  package static var type: ChannelType { .tick }

  package init(channelProfiles: [Profile]) { self.init(profiles: channelProfiles.map(\.forTicks)) }

  @inline(__always)
  package mutating func take(
    _ item: Tick, profile: Int, lastPrices: LastPriceTable, events: inout [MarketEvent]
  ) -> ItemOutcome {
    let outcome = process(item, profile: profile, events: &events)
    if outcome.isEmpty {
      lastPrices.store(item.price, item.eventTime, of: item.symbol)
    } else if outcome != .oddLot, let last = lastPrice(of: item.symbol) {
      lastPrices.store(last.price, last.time, of: item.symbol)
    }
    return outcome
  }

  package mutating func reset(_ symbol: SymbolID, lastPrices: LastPriceTable) {
    // Only the channel that owns the symbol may write its last price.
    guard snapshot(of: symbol) != nil else { return }
    resetState(of: symbol)
    lastPrices.store(0, UnixNanos(0), of: symbol)
  }

  package mutating func use(_ profiles: [Profile]) { replace(profiles: profiles.map(\.forTicks)) }
}

extension BarEngine: ChannelEngine {
  package static var type: ChannelType { .bar }

  package init(channelProfiles: [Profile]) { self.init(profiles: channelProfiles.map(\.forBars)) }

  package mutating func take(
    _ item: Bar, profile: Int, lastPrices: LastPriceTable, events: inout [MarketEvent]
  ) -> ItemOutcome {
    process(item, profile: profile, events: &events)
  }

  package mutating func use(_ profiles: [Profile]) { replace(profiles: profiles.map(\.forBars)) }
}

extension FairValueEngine: ChannelEngine {
  package static var type: ChannelType { .fairMarketValue }

  package init(channelProfiles: [Profile]) { self.init(profiles: channelProfiles.map(\.forFairValues)) }

  package mutating func take(
    _ item: FairMarketValue, profile: Int, lastPrices: LastPriceTable, events: inout [MarketEvent]
  ) -> ItemOutcome {
    process(item, profile: profile, lastPrice: { lastPrices.price(of: $0) }, events: &events)
  }

  package mutating func use(_ profiles: [Profile]) { replace(profiles: profiles.map(\.forFairValues)) }
}

extension Profile {
  fileprivate var forTicks: TickProfile {
    TickProfile(name: name, calendar: calendar, settings: tick, configVersion: configVersion)
  }

  fileprivate var forBars: BarProfile {
    BarProfile(name: name, calendar: calendar, settings: bar, configVersion: configVersion)
  }

  fileprivate var forFairValues: FairValueProfile {
    FairValueProfile(name: name, calendar: calendar, settings: fairValue, configVersion: configVersion)
  }
}
