internal import Channels
internal import Detection
internal import Events
internal import GRPC
internal import MarketData
internal import WireCodec

/// `GetSymbolState`: asks the workers of the channels that hold the symbols, and answers when all have told.
final class SymbolStateCall: CallHandler {
  private static let symbolsMax = 1_000

  private let call: ServerCall
  private let loop: LoopContext
  private var symbols: [String]?
  private var isOver = false

  init(call: ServerCall, loop: LoopContext) {
    self.call = call
    self.loop = loop
  }

  override func onMessage(_ message: RawSpan) {
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
    guard let symbols else { return call.finish(Status(.unimplemented, "no request on a unary call")) }
    let registry = loop.shared.router.registry
    var asked: [Int: [SymbolID]] = [:]
    for symbol in Set(symbols) {
      guard let route = registry.route(of: symbol) else { continue }
      asked[Int(route.channel), default: []].append(route.symbol)
    }
    // Read before the workers are asked: what they tell is at least as new.
    let asOf = loop.shared.log.lastSequence
    let gathered = Gathered(waitingFor: asked.count)
    guard !asked.isEmpty else { return answer(gathered, symbols, asOf) }
    let token = loop.hold(self)
    let mailbox = loop.mailbox
    for (channel, ids) in asked {
      loop.shared.router.channels[channel].snapshots(of: ids) { found in
        mailbox.post { loop in
          gathered.add(channel, found)
          if gathered.isComplete { (loop.letGo(token) as? SymbolStateCall)?.answer(gathered, symbols, asOf) }
        }
      }
    }
  }

  private func answer(_ gathered: Gathered, _ symbols: [String], _ asOf: UInt64) {
    guard !isOver else { return }
    let shared = loop.shared
    let names = shared.router.registry.symbols
    var byName: [String: (symbol: String, channel: String, profile: String, snapshot: SymbolSnapshot)] = [:]
    for (channel, snapshot) in gathered.found {
      let name = names.name(of: snapshot.symbol)
      byName[name] = (
        name, shared.router.channels[channel].name, shared.configuration.profiles[snapshot.profile].name, snapshot
      )
    }
    var seen: Set<String> = []
    let states = symbols.filter { seen.insert($0).inserted }.compactMap { byName[$0] }
    call.send(AdminResponses.symbolStates(states, asOf: asOf))
    call.finish(.ok)
  }

  /// What the workers have told; touched on the loop only.
  private final class Gathered: @unchecked Sendable {
    // @unchecked: made on the loop and changed only by jobs that its mailbox runs there.
    private var waitingFor: Int
    private(set) var found: [(channel: Int, snapshot: SymbolSnapshot)] = []

    init(waitingFor: Int) { self.waitingFor = waitingFor }

    var isComplete: Bool { waitingFor == 0 }

    func add(_ channel: Int, _ snapshots: [SymbolSnapshot]) {
      waitingFor -= 1
      found += snapshots.map { (channel, $0) }
    }
  }
}
