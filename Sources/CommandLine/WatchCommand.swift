internal import ArgumentParser
internal import Events
internal import Foundation
internal import GRPC
internal import MarketData
internal import NIOPosix
internal import Server
internal import Transport
internal import WireCodec

struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Shows detected events as they happen.",
    discussion: """
      A lost connection is taken up again after the last event: none is lost or shown twice while the server keeps them.

      Examples:
        penstock watch
        penstock watch --symbol SPY,'BRK*' --type HIGH,LOW
        penstock watch --from 1 --until-caught-up --json > events.jsonl
      """)

  @Option(name: .long, help: "The server's HOST:PORT.")
  var server = "127.0.0.1:7171"

  @Option(name: .long, help: "Only these symbols, with commas between them; AB* is a prefix. May be repeated.")
  var symbol: [String] = []

  @Option(name: .long, help: "Only these types, such as HIGH,SURGE. May be repeated.")
  var type: [String] = []

  @Option(name: .long, help: "Only these channels, with commas between them. May be repeated.")
  var channel: [String] = []

  @Option(name: .long, help: "UP, DOWN or FLAT, or several with commas. May be repeated.")
  var direction: [String] = []

  @Option(name: .long, help: "PRE, REGULAR, POST or CONTINUOUS, or several with commas. May be repeated.")
  var session: [String] = []

  @Option(name: .long, parsing: .unconditional, help: "Only events at least this significant, 0 to 100.")
  var minSignificance = 0.0

  @Option(name: .long, parsing: .unconditional, help: "Start at this sequence, 1 or more; 1 = all that is kept.")
  var from: UInt64?

  @Option(name: .long, help: "When too slow: disconnect, drop-oldest or conflate.")
  var policy = "disconnect"

  @Flag(name: .long, help: "End when everything kept has been shown.")
  var untilCaughtUp = false

  @Flag(name: .long, help: "One line of JSON for each event.")
  var json = false

  func run() async throws {
    let address = try ListenOption.parse(server)
    var request = try makeRequest()
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let signals = StopSignals()
    var table = EventTable(inColour: Output.wantsColour)
    var hasHeard = false
    var hasAskedForSymbols = false
    var failures = 0
    var shown = 0
    while true {
      let transport: ClientTransport
      do {
        transport = try await ServerConnection.connect(address, group)
      } catch {
        failures += 1
        guard hasHeard, failures < 8 else { throw error }
        try await Task.sleep(nanoseconds: 100_000_000 << UInt64(failures))
        continue
      }
      let stop = Task {
        await signals.first()
        await transport.close()
      }
      if !hasAskedForSymbols {
        hasAskedForSymbols = true
        if let note = await KnownSymbols.note(on: AdminClient(transport, address, group), of: request.symbols) {
          Output.note(note)
        }
      }
      var end = Status(.unavailable, "the connection was lost")
      for await item in SubscribeClient.subscribe(request, on: transport, withJSON: json) {
        switch item {
        case .response(let response):
          failures = 0
          hasHeard = true
          if !json, let heading = table.takeHeading() { Output.line(heading) }
          shown += show(response, &table)
          request.goOn(behind: response)
        case .ended(let status): end = status
        }
      }
      stop.cancel()
      await transport.close()
      if signals.hasStopped {
        if !json { Output.note("\(shown) events shown") }
        return
      }
      if end.code == .ok { return }
      guard hasHeard else { throw ServerConnection.refusal(end, address) }
      switch end.code {
      case .unavailable, .internalError, .unknown:
        failures += 1
        guard failures < 8 else { throw CommandFailure(.serverUnreachable, "the server at \(address) is gone") }
        Output.note("\(end.message); connecting again")
        try await Task.sleep(nanoseconds: 100_000_000 << UInt64(failures))
      case .invalidArgument: throw CommandFailure(.usage, "the server refuses: \(end.message)")
      default: throw CommandFailure(.failed, end.message)
      }
    }
  }

  /// - Returns: how many events it shows.
  private func show(_ response: ReceivedResponse, _ table: inout EventTable) -> Int {
    switch response {
    case .events(let events):
      for event in events { Output.line(json ? event.json : table.text(event)) }
      return events.count
    case .missed(let first, let last, let reason):
      Output.note("missed \(first) to \(last): \(reason)")
    case .heartbeat, .caughtUp, .unknown: break
    }
    return 0
  }

  private func makeRequest() throws -> SubscriptionRequest {
    var request = SubscriptionRequest()
    request.symbols = try ListOption.entries(symbol, "--symbol")
    request.channels = try ListOption.entries(channel, "--channel")
    request.minSignificance = minSignificance
    request.endWhenCaughtUp = untilCaughtUp
    request.types = try numbers(type, "--type", EventType.allCases.map { ($0.wireName, Int32($0.rawValue)) })
    request.directions = try numbers(
      direction, "--direction", [Direction.up, .down, .flat].map { ($0.wireName, Int32($0.rawValue)) })
    request.sessions = try numbers(
      session, "--session", TradingSession.allCases.map { ($0.wireName, Int32($0.rawValue)) })
    if let from {
      guard from > 0 else { throw CommandFailure(.usage, "--from is 0; must be 1 or more") }
      request.start = .sequence(from)
    }
    switch policy {
    case "disconnect": request.slowConsumer = 1
    case "drop-oldest": request.slowConsumer = 2
    case "conflate": request.slowConsumer = 3
    default: throw CommandFailure(.usage, "--policy is '\(policy)'; must be disconnect, drop-oldest or conflate")
    }
    return request
  }

  private func numbers(_ texts: [String], _ option: String, _ known: [(name: String, value: Int32)]) throws -> [Int32] {
    try ListOption.entries(texts, option).map { text in
      guard let match = known.first(where: { $0.name == text.uppercased() }) else {
        throw CommandFailure(
          .usage, "\(option) is '\(text)'; must be one of \(known.map(\.name).joined(separator: ", "))")
      }
      return match.value
    }
  }
}
