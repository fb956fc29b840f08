internal import Channels
internal import Detection
internal import MarketData
internal import WireCodec

/// Symbols' states as their channels' workers tell them. A symbol may move between look-up and question: then its new channel is asked, too.
final class SymbolStateGathering: @unchecked Sendable {
  // @unchecked: made and changed by jobs of one `BackgroundThread` only.

  /// How often channels are asked at most.
  private static let roundsMax = 8

  private let symbols: [String]
  private let asOf: UInt64
  private var rounds = 0
  private var waitingFor = 0
  private var found: [(channel: Int, type: ChannelType, snapshot: SymbolSnapshot)] = []
  private var asked: [Int: Set<SymbolID>] = [:]
  private var known: [ChannelType: Set<SymbolID>] = [:]

  init(_ symbols: [String], asOf: UInt64) {
    self.symbols = symbols
    self.asOf = asOf
  }

  /// The channels to ask now and for which symbols; none when all is told.
  func nextRound(_ router: ChannelRouter) -> [(channel: any AnyChannel, symbols: [SymbolID])] {
    guard rounds < Self.roundsMax else { return [] }
    rounds += 1
    let channels = Dictionary(router.channels.map { ($0.control.number, $0) }, uniquingKeysWith: { $1 })
    var wanted: [Int: [SymbolID]] = [:]
    for symbol in Set(symbols) {
      guard let (id, places, _) = router.registry.places(of: symbol) else { continue }
      for place in places {
        guard let type = channels[place]?.control.type, shallAsk(place, type, id) else { continue }
        wanted[place, default: []].append(id)
      }
    }
    waitingFor = wanted.count
    return wanted.compactMap { place, symbols in channels[place].map { ($0, symbols) } }
  }

  /// Notes that a channel is asked for a symbol, unless it was, or the symbol's state of this type has been told.
  private func shallAsk(_ channel: Int, _ type: ChannelType, _ symbol: SymbolID) -> Bool {
    if known[type]?.contains(symbol) == true { return false }
    return asked[channel, default: []].insert(symbol).inserted
  }

  /// - Returns: whether all channels of this round have told.
  func add(_ channel: Int, _ type: ChannelType, _ snapshots: [SymbolSnapshot]) -> Bool {
    waitingFor -= 1
    found += snapshots.map { (channel, type, $0) }
    known[type, default: []].formUnion(snapshots.map(\.symbol))
    return waitingFor == 0
  }

  /// A `GetSymbolStateResponse`.
  func encoded(_ shared: SharedState) -> [UInt8] {
    let names = shared.router.registry.symbols
    var byName: [String: (symbol: String, channel: String, profile: String, snapshot: SymbolSnapshot)] = [:]
    let profiles = shared.live.profileNames
    // Ticks tell most; bars and fair values fill in for a symbol without, and fair values tell their verdict in any case.
    for (channel, _, snapshot) in found.sorted(by: { $0.type.rawValue < $1.type.rawValue }) {
      let name = names.name(of: snapshot.symbol)
      if byName[name] == nil {
        let profile = profiles.indices.contains(snapshot.profile) ? profiles[snapshot.profile] : ""
        byName[name] = (name, shared.router.names.name(of: UInt32(channel)), profile, snapshot)
      } else if let verdict = snapshot.valuation {
        byName[name]?.snapshot.valuation = verdict
      }
    }
    var seen: Set<String> = []
    let states = symbols.filter { seen.insert($0).inserted }.compactMap { byName[$0] }
    return AdminResponses.symbolStates(states, asOf: asOf)
  }
}
