internal import Channels
internal import Detection
internal import Events
internal import GRPC
internal import MarketData
internal import WireCodec

/// `GetSymbolState`: asks the workers of the channels that hold the symbols, and answers when all have told.
final class SymbolStateCall: CallHandler {
  private static let symbolsMax = 1_000
  /// How often channels are asked at most.
  private static let rounds = 8

  private let call: ServerCall
  private let loop: LoopContext
  private var symbols: [String]?
  private var isOver = false

  init(call: ServerCall, loop: LoopContext) {
    self.call = call
    self.loop = loop
  }

  override func onMessage(_ message: RawSpan) {
    guard symbols == nil else { return call.finish(.secondRequest) }
    do {
      let symbols = try loop.requests.symbolState(message)
      guard symbols.count <= Self.symbolsMax else {
        return call.finish(Status(.invalidArgument, "symbols has \(symbols.count) entries; at most 1,000 are taken"))
      }
      self.symbols = symbols
    } catch {
      call.finish(error.status)
    }
  }

  override func onCancel(_ reason: CallEnd) { isOver = true }

  override func onHalfClose() {
    guard let symbols else { return call.finish(.noRequest) }
    // Read before the workers are asked: what they tell is at least as new.
    let asOf = loop.shared.log.lastSequence
    ask(Gathered(), symbols, asOf, again: Self.rounds)
  }

  /// Asks whoever has symbols now, until nobody is left who has not been asked: a symbol may move between look-up and question.
  private func ask(_ gathered: Gathered, _ symbols: [String], _ asOf: UInt64, again: Int) {
    let registry = loop.shared.router.registry
    let channels = loop.shared.router.channels
    var wanted: [Int: [SymbolID]] = [:]
    for symbol in Set(symbols) {
      guard let (id, places, _) = registry.places(of: symbol) else { continue }
      for place in places {
        guard let type = channels.first(where: { $0.core.number == place })?.core.type else { continue }
        if gathered.shallAsk(place, type, id) { wanted[place, default: []].append(id) }
      }
    }
    guard !wanted.isEmpty, again > 0 else { return answer(gathered, symbols, asOf) }
    gathered.wait(for: wanted.count)
    let token = loop.calls.hold(self)
    let mailbox = loop.mailbox
    for channel in channels {
      let (number, type) = (channel.core.number, channel.core.type)
      guard let ids = wanted[number] else { continue }
      channel.snapshots(of: ids) { found in
        mailbox.post { loop in
          gathered.add(number, type, found)
          guard gathered.isComplete else { return }
          (loop.calls.letGo(token) as? SymbolStateCall)?.ask(gathered, symbols, asOf, again: again - 1)
        }
      }
    }
  }

  private func answer(_ gathered: Gathered, _ symbols: [String], _ asOf: UInt64) {
    guard !isOver else { return }
    let shared = loop.shared
    let names = shared.router.registry.symbols
    var byName: [String: (symbol: String, channel: String, profile: String, snapshot: SymbolSnapshot)] = [:]
    let profiles = shared.live.profileNames
    // Ticks tell most; bars and fair values fill in for a symbol without, and fair values tell their verdict in any case.
    for (channel, _, snapshot) in gathered.found.sorted(by: { $0.type.rawValue < $1.type.rawValue }) {
      let name = names.name(of: snapshot.symbol)
      if byName[name] == nil {
        let profile = profiles.indices.contains(snapshot.profile) ? profiles[snapshot.profile] : ""
        byName[name] = (name, shared.router.names.name(of: SymbolID(UInt32(channel))), profile, snapshot)
      } else if let verdict = snapshot.valuation {
        byName[name]?.snapshot.valuation = verdict
      }
    }
    var seen: Set<String> = []
    let states = symbols.filter { seen.insert($0).inserted }.compactMap { byName[$0] }
    call.answer(AdminResponses.symbolStates(states, asOf: asOf))
  }

  /// What the workers have told; touched on the loop only.
  private final class Gathered: @unchecked Sendable {
    // @unchecked: made on the loop and changed only by jobs that its mailbox runs there.
    private var waitingFor = 0
    private(set) var found: [(channel: Int, type: ChannelType, snapshot: SymbolSnapshot)] = []
    private var asked: [Int: Set<SymbolID>] = [:]
    private var known: [ChannelType: Set<SymbolID>] = [:]

    var isComplete: Bool { waitingFor == 0 }

    /// Notes that a channel is asked for a symbol, unless it was, or the symbol's state of this type has been told.
    func shallAsk(_ channel: Int, _ type: ChannelType, _ symbol: SymbolID) -> Bool {
      if known[type]?.contains(symbol) == true { return false }
      return asked[channel, default: []].insert(symbol).inserted
    }

    func wait(for channels: Int) { waitingFor = channels }

    func add(_ channel: Int, _ type: ChannelType, _ snapshots: [SymbolSnapshot]) {
      waitingFor -= 1
      found += snapshots.map { (channel, type, $0) }
      known[type, default: []].formUnion(snapshots.map(\.symbol))
    }
  }
}
