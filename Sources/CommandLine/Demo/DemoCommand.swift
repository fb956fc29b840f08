internal import ArgumentParser
internal import Channels
internal import DataFiles
internal import Events
internal import Foundation
internal import MarketData
internal import NIOPosix
internal import Server
internal import Synchronization
internal import Transport
internal import WireCodec

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Runs a server on a made-up market and shows what it detects.",
    discussion: """
      500 stocks trade around the clock; --market has futures, coins or options instead, with the settings of `penstock config default --profile` for them. The market begins some minutes ago and catches up with now, so that the detectors are warm at
      once. Futures and options keep their hours: they begin with their newest session and trade as if it were then. The port is open: other clients can publish and subscribe while the demo runs. Ctrl-C ends it with a summary.

      Examples:
        penstock demo
        penstock demo --market futures
        penstock demo --seconds 30 --seed 11
      """)

  @Option(name: .long, help: "HOST:PORT to listen on; another free port is taken where it is in use.")
  var listen = "127.0.0.1:7171"

  @Option(name: .long, parsing: .unconditional, help: "Seed of the market, 0 or more.")
  var seed: UInt64 = 7

  @Option(name: .long, help: "What is traded.")
  var market = DemoMarket.equities

  @Option(
    name: .long, parsing: .unconditional,
    help:
      "Ticks a second, above 0, at most 1000000 (default: 5000 of equities, 2000 of futures and crypto, 1000 of options)."
  )
  var rate: Double?

  @Option(name: .long, parsing: .unconditional, help: "End after this many seconds; 0 = at Ctrl-C.")
  var seconds = 0.0

  func run() async throws {
    let rate = rate ?? market.usualRate
    guard rate > 0, rate <= 1_000_000 else {
      throw CommandFailure(.usage, "--rate is \(rate); must be above 0, at most 1000000")
    }
    guard (0...31_536_000).contains(seconds) else {
      throw CommandFailure(.usage, "--seconds is \(seconds); must be from 0 to 31536000, a year")
    }
    let clock = SystemClock()
    let began = clock.monotonicNow
    ServerLog.begin()
    defer { ServerLog.end() }
    let signals = StopSignals()
    let configuration = try market.configuration()
    let hours = MarketHours(
      configuration.profiles[0].calendar, now: clock.unixNow.nanoseconds, historyNanos: market.historyNanos)
    let generator = market.generator(seed: seed, rate: rate, startNanos: hours.startNanos)
    let (server, address) = try await startServer(configuration)
    Output.line(
      "penstock \(PenstockServer.version) demo: \(generator.symbols.count) \(market.words), \(Int(rate)) ticks a second, listening on \(address)"
    )
    if hours.lagNanos > 0 {
      Output.line(
        "the market's clock stands at \(TimeText.words(clock.unixNow.nanoseconds - hours.lagNanos)): its session began at \(TimeText.words(hours.startNanos))"
      )
    }
    Output.line(
      "join in: penstock watch --server \(address)   (Ctrl-C ends\(seconds > 0 ? ", or \(Int(seconds)) s" : ""))\n")
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let tally = EventTally()
    let watcher = try await watch(address, group, tally, symbolWidth: generator.symbols.map(\.count).max() ?? 0)
    let deadline = seconds > 0 ? began.nanoseconds + Int64(seconds * 1e9) : Int64.max
    let publisher = PublishClient(address: address, name: "demo", group: group)
    try await publisher.open()
    // Also while it waits: somebody may have paused a channel.
    signals.whenStopped { publisher.stop() }
    let timer = Task {
      guard seconds > 0 else { return }
      try await Task.sleep(nanoseconds: UInt64(seconds * 1e9))
      publisher.stop()
    }
    try await publish(generator, hours, publisher, clock, until: deadline, signals)
    timer.cancel()
    publisher.stop()
    await publisher.giveUp(within: 3_000_000_000)
    await server.shutdown(graceNanos: 3_000_000_000)
    watcher.cancel()
    summarise(publisher, tally, seconds: Double(clock.monotonicNow.nanoseconds - began.nanoseconds) / 1e9)
  }

  private func startServer(_ settings: ServerConfiguration) async throws -> (PenstockServer, ListenAddress) {
    var configuration = settings
    configuration.listen = try ListenOption.parse(listen)
    for attempt in 0..<2 {
      let server = PenstockServer(configuration)
      do {
        let port = try await server.start()
        return (server, ListenAddress(host: configuration.listen.host, port: port))
      } catch ListenError.portInUse where attempt == 0 {
        Output.note("\(configuration.listen) is in use: taking any free port")
        configuration.listen.port = 0
      }
    }
    throw CommandFailure(.serverUnreachable, "no port is free on \(configuration.listen.host)")
  }

  /// Shows events as they come; on a terminal all, elsewhere too.
  private func watch(
    _ address: ListenAddress, _ group: MultiThreadedEventLoopGroup, _ tally: EventTally, symbolWidth: Int
  ) async throws -> Task<Void, Never> {
    let transport = try await ClientTransport.connect(host: address.host, port: address.port, group: group)
    var request = SubscriptionRequest()
    request.start = .sequence(1)
    request.slowConsumer = 2
    let responses = SubscribeClient.subscribe(request, on: transport, withJSON: false)
    return Task {
      var table = EventTable(inColour: Output.wantsColour, symbolWidth: symbolWidth)
      for await case .response(.events(let events)) in responses {
        for event in events {
          tally.add(event.type)
          Output.line(table.text(event))
        }
      }
    }
  }

  private func publish(
    _ generator: MarketGenerator, _ hours: MarketHours, _ publisher: PublishClient, _ clock: SystemClock,
    until deadline: Int64, _ signals: StopSignals
  ) async throws {
    var market = generator
    var rows: [ClientTick] = []
    while !signals.hasStopped, clock.monotonicNow.nanoseconds < deadline {
      let row = market.next()
      guard row.timestampNanos < hours.endNanos else {
        Output.line("the market's session is over")
        return
      }
      rows.append(
        ClientTick(symbol: row.symbol, timestampNanos: row.timestampNanos, price: row.price, size: row.size))
      let ahead = row.timestampNanos - (clock.unixNow.nanoseconds - hours.lagNanos)
      guard rows.count >= 256 || ahead > 0 else { continue }
      let request = ClientRequests.publish(columns: rows, sequence: publisher.nextSequence)
      try await publisher.send(items: rows.count, request)
      rows.removeAll(keepingCapacity: true)
      if ahead > 0 { try await Task.sleep(nanoseconds: UInt64(min(ahead, 20_000_000))) }
    }
  }

  private func summarise(_ publisher: PublishClient, _ tally: EventTally, seconds: Double) {
    let totals = publisher.ledger.totals
    Output.line("")
    Output.line(
      "\(String(format: "%.0f", seconds)) s: \(totals.accepted) ticks accepted, \(totals.quarantined) quarantined, \(tally.total) events:"
    )
    for (type, count) in tally.counts { Output.line("  \(EventTable.pad(type, 20))\(count)") }
  }
}

/// Events by type.
final class EventTally: Sendable {
  private let byType = Mutex<[String: Int]>([:])

  func add(_ type: String) { byType.withLock { $0[type, default: 0] += 1 } }

  var total: Int { byType.withLock { $0.values.reduce(0, +) } }

  var counts: [(type: String, count: Int)] {
    byType.withLock { counts in counts.map { ($0.key, $0.value) }.sorted { $0.1 > $1.1 } }
  }
}
