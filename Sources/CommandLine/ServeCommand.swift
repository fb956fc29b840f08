internal import ArgumentParser
internal import Channels
internal import Foundation
internal import MarketData
internal import Server
internal import Settings
internal import Synchronization
internal import Transport

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Runs the server until SIGINT or SIGTERM.",
    discussion: """
      Without a file everything has its default: `penstock config default` prints it.
      The first SIGINT or SIGTERM drains: what has been published is processed and acknowledged, subscribers get every event, then
      the server ends with code 0. A second one ends it at once.

      Examples:
        penstock serve
        penstock serve --listen 0.0.0.0:7171 --config penstock.yaml
        penstock serve --listen 127.0.0.1:0            any free port, printed
        penstock serve --set server.limits.max_items=1000 --set event_log.keep_events=50000
        kill -HUP PID                                  reads the file again, changes what can change live
        PENSTOCK_SERVER_DRAIN=30s penstock serve       any key, in capitals, with _ for the dots
      """)

  @Option(name: .long, help: "Configuration file (YAML).")
  var config: String?

  @Option(
    name: .customLong("set"), help: "KEY=VALUE of the configuration; stands above environment and file. Repeatable.")
  var settings: [String] = []

  @Option(name: .long, help: "HOST:PORT to listen on; overrides the file.")
  var listen: String?

  @Option(
    name: .long, parsing: .unconditional, help: "Threads that serve connections; 0 = one for each core, at most 8.")
  var eventLoops: Int?

  @Option(
    name: .long, help: "File of faults that strike channels, for drills; refused unless server.faults is true.")
  var faultPlan: String?

  @Flag(name: .long, help: ArgumentHelp("Drain when standard input ends.", visibility: .hidden))
  var untilInputEnds = false

  private func readFaultPlan(_ configuration: ServerConfiguration) throws -> FaultPlan {
    guard let faultPlan else { return FaultPlan() }
    guard configuration.allowsFaults else {
      throw CommandFailure(
        .badConfiguration, "--fault-plan is refused: server.faults is false; a server with money on it keeps it so")
    }
    let plan = try ConfigurationFile.parse(faultPlan) { text throws(InvalidConfiguration) in
      try FaultPlanReader.read(yaml: text, channels: configuration.channels.map(\.name))
    }
    Output.note("DRILL: \(plan.faults.count) faults of \(faultPlan) will strike")
    return plan
  }

  /// Reads the file again; where it has problems, everything stays as it is.
  private func reload(_ server: PenstockServer, listening: ListenAddress, loops: Int) {
    do {
      var new = try ConfigurationFile.read(config, settings: settings)
      // What the command line says stands above the file.
      if listen != nil { new.listen = listening }
      if eventLoops != nil { new.eventLoops = loops }
      let configuration = new
      Task {
        for line in await server.reload(configuration) { ServerLog.note("reload: \(line)") }
      }
    } catch {
      ServerLog.note("reload: nothing is changed: \(error)")
    }
  }

  func run() async throws {
    var configuration = try ConfigurationFile.read(config, settings: settings)
    if let listen { configuration.listen = try ListenOption.parse(listen) }
    if let eventLoops {
      guard (0...64).contains(eventLoops) else {
        throw ValidationError("--event-loops is \(eventLoops); must be from 0 to 64")
      }
      configuration.eventLoops = eventLoops
    }
    ServerLog.begin()
    defer { ServerLog.end() }
    let signals = StopSignals()
    if untilInputEnds { signals.stopWhenInputEnds() }
    let server = PenstockServer(configuration, faults: try readFaultPlan(configuration))
    let grace = Mutex<Int64?>(nil)
    server.whenAskedToShutDown { nanos in
      grace.withLock { $0 = nanos }
      signals.stop()
    }
    let port: Int
    do {
      port = try await server.start()
    } catch let error as ListenError {
      throw CommandFailure(.serverUnreachable, "\(error)")
    }
    let (listening, loops) = (configuration.listen, configuration.eventLoops)
    signals.onHangUp { reload(server, listening: listening, loops: loops) }
    let address = ListenAddress(host: configuration.listen.host, port: port)
    Output.line(
      "penstock \(PenstockServer.version): \(configuration.channels.count) channels, event log in memory")
    Output.line("listening on \(address)")
    await signals.first()
    let graceNanos = grace.withLock { $0 } ?? configuration.drainNanos
    ServerLog.note("draining: at most \(DurationText.describe(graceNanos)) (a second signal ends at once)")
    let inTime = await server.shutdown(graceNanos: graceNanos)
    ServerLog.note(inTime ? "drained; bye" : "the grace time has passed with clients still open; they were cut off")
  }
}
