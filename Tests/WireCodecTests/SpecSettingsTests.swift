import Channels
import Detection
import LockFree
import MarketData
import Settings
import Testing

@testable import WireCodec

/// `key=value` texts become a specification that the server's reader gives back as the configuration file's text.
@Suite struct SpecSettingsTests {
  private func update(_ settings: [String], version: UInt32 = 0, dryRun: Bool = false) throws -> SpecRequest {
    let spec = try SpecSettings(channel: "ticks-1", settings: settings)
    let bytes = ClientRequests.updateChannel(spec, expectedVersion: version, validateOnly: dryRun)
    return try RequestDecoder(arenaBytes: 1 << 20).updateChannel(bytes.span.bytes)
  }

  @Test func settingsArriveAsTheyWereMeant() throws {
    let request = try update(
      [
        "batching.max_batch=1_024", "overflow=conflate", "breaker.open=2s", "type=fmv", "health.depth_pct=62.5",
        "profiles=[crypto, default]", "batching.strategy=size", "wait=spin",
      ], version: 3, dryRun: true)
    #expect(request.name == "ticks-1")
    #expect(
      request.node.flow
        == "{type: fmv, overflow: conflate, batching: {strategy: size, max_batch: 1024}, wait: spin, breaker: {open: 2s}, health: {depth_pct: 62.5}, profiles: [crypto, default]}"
    )
    #expect(request.problems == [])
    #expect(request.expectedVersion == 3)
    #expect(request.validateOnly)
  }

  @Test func theLastOfTwoCounts() throws {
    #expect(try update(["wait=spin", "wait=yield"]).node.flow == "{wait: yield}")
    #expect(try SpecSettings(channel: "a", settings: ["wait=spin", "wait=yield"]).mask == ["wait"])
  }

  @Test(arguments: ["profiles=", "profiles=[]", "profiles=[ ]"])
  func listsCanBecomeEmpty(setting: String) throws {
    // The mask alone tells an empty list from one that is not given.
    let request = try update([setting])
    #expect(setting == "profiles=[ ]" || request.node.flow == "{profiles: []}")
    #expect(request.problems == [])
  }

  @Test func textsThatYAMLTakesAmissAreQuoted() throws {
    #expect(
      try update(["profiles=null,A B,*,no,x.y-z_1"]).node.flow
        == #"{profiles: ["null", "A B", "*", "no", x.y-z_1]}"#)
  }

  @Test(arguments: [
    ("batching", "must be KEY=VALUE"), ("=1", "must be KEY=VALUE"), ("batching=1", "strategy, max_batch, max_wait_us"),
    ("batching.max=1", "no key of a channel; known here: strategy, max_batch"), ("name=x", "no key of a channel"),
    ("colour=red", "known here: type, ring_capacity"), ("wait.x=1", "'wait' has no keys below it"),
    ("batching.=1", "no key"), (".=1", "no key"), ("breaker.open_ns=5", "known here: window"),
    ("ring_capacity=x", "must be a whole number"), ("ring_capacity=-1", "must be a whole number"),
    ("ring_capacity=5000000000", "must be a whole number"), ("overflow=BLOCK", "block, drop_newest, drop_oldest"),
    ("overflow=unspecified", "must be one of"), ("breaker.open=2", "must be a duration such as"),
    ("health.depth_pct=nan", "must be a number"), ("health.depth_pct=", "must be a number"),
  ])
  func mistakesAreNamed(setting: String, words: String) {
    let problem = #expect(throws: SpecSettings.Problem.self) {
      try SpecSettings(channel: "a", settings: [setting])
    }
    #expect(problem?.description.contains(words) == true, "\(problem?.description ?? "")")
  }

  @Test func aChannelReadsAsItWasWritten() throws {
    var settings = ChannelSettings(name: "no", type: .fairMarketValue, ringCapacity: 64)
    settings.breaker.openNanos = 90_000_000_000
    settings.profiles = ["b", "a"]
    var metrics = ChannelMetricsSnapshot()
    metrics.channel = "no"
    metrics.type = .fairMarketValue
    metrics.state = .paused
    metrics.breaker = .halfOpen
    metrics.healthReasons = ["PAUSED on request, 3 in the ring", "ü"]
    metrics.queueLatency.count = 3
    metrics.queueLatency.p99 = 1_000
    metrics.itemsPerSecond = 0.5
    metrics.restarts = 7
    metrics.configVersion = 9
    let status = AdminResponses.ChannelStatus(metrics: metrics, settings: settings)
    let decoder = ResponseDecoder(arenaBytes: 1 << 20)
    let channels = try #require(decoder.channels(in: AdminResponses.listChannels([status, status])))
    #expect(channels.map(\.metrics) == [metrics, metrics])
    #expect(channels[0].configVersion == 9)
    let spec = channels[0].spec
    #expect(spec["name"] == .text("no"))
    #expect(spec["type"] == .plain("fmv"))
    #expect(spec["breaker", "open"] == .plain("90s"))
    #expect(spec["breaker", "nothing"] == nil)
    #expect(spec["profiles"] == .list([.text("a"), .text("b")]))
    #expect(spec.block().starts(with: ["name: \"no\"", "type: fmv", "ring_capacity: 64"]))
    #expect(spec.block().contains("  open: 90s"))
    #expect(decoder.channel(in: AdminResponses.channel(status)) == channels[0])
    #expect(
      decoder.json(in: AdminResponses.channel(status))?.contains("\"open_ns\":90000000000") == true
    )
  }

  @Test func metricsReadAsTheyWereWritten() {
    var snapshot = MetricsSnapshot()
    snapshot.timestampNanos = 5
    snapshot.server.connections = 2
    snapshot.server.cpuSeconds = 1.5
    snapshot.server.tickToEvent.p99 = 7
    snapshot.server.pending = [
      ServerMetricsSnapshot.PendingBytes(owner: "messages", bytes: 4_096),
      ServerMetricsSnapshot.PendingBytes(owner: "filters", bytes: 0),
    ]
    snapshot.server.pendingLimit = 256 << 20
    snapshot.server.endedConnections = [
      ServerMetricsSnapshot.EndedConnections(reason: "keepalive_timeout", count: 11)
    ]
    snapshot.router.routed = 9
    snapshot.router.shares = [RouterMetricsSnapshot.Share(channel: "a", items: 1, symbols: 2)]
    snapshot.router.failuresByCause = [RouterMetricsSnapshot.FailureCount(cause: "NO_CHANNEL", count: 3)]
    snapshot.channels = [ChannelMetricsSnapshot()]
    snapshot.channels[0].revised = 12
    #expect(ResponseDecoder(arenaBytes: 1 << 20).metrics(in: snapshot.encoded) == snapshot)
  }

  /// The print filter's part: fields 19 to 21, of two bytes each for their numbers.
  @Test func aSymbolsStateTellsWhatThePrintFilterHoldsBack() {
    func doubles(_ value: Double) -> [UInt8] { withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
    var snapshot = SymbolSnapshot(symbol: SymbolID(0))
    snapshot.candidate = 101.5
    snapshot.candidateAlike = 3
    snapshot.learnedPct = 0.75
    let bytes = AdminResponses.symbolStates([("A", "c", "p", snapshot)], asOf: 0)
    let expected = [0x99, 0x01] + doubles(101.5) + [0xA0, 0x01, 3, 0xA9, 0x01] + doubles(0.75)
    #expect(Array(bytes.suffix(expected.count)) == expected)
  }

  @Test func routingReadsAsItWasWritten() throws {
    let bytes = AdminResponses.routing(
      [(.tick, RoutingRule(strategy: .random, seed: 7)), (.bar, RoutingRule())], metrics: nil)
    let routing = try #require(ResponseDecoder(arenaBytes: 1 << 20).routing(in: bytes))
    #expect(routing.rules.map(\.strategy) == ["random", "symbol_hash"])
    #expect(routing.rules.map(\.seed) == [7, 0])
    let request = ClientRequests.setRouting(.bar, strategy: .healthiest, seed: 0)
    let read = try RequestDecoder(arenaBytes: 1 << 20).setRouting(request.span.bytes)
    #expect(read == RoutingRequest(type: 2, strategy: 4, seed: 0))
  }
}

// Spans cannot pass through the macros of expectations.
extension ResponseDecoder {
  fileprivate func channels(in bytes: [UInt8]) -> [ReceivedChannel]? { channels(bytes.span.bytes) }
  fileprivate func channel(in bytes: [UInt8]) -> ReceivedChannel? { channel(bytes.span.bytes) }
  fileprivate func routing(in bytes: [UInt8]) -> ReceivedRouting? { routing(bytes.span.bytes) }
  fileprivate func metrics(in bytes: [UInt8]) -> MetricsSnapshot? { metrics(bytes.span.bytes) }
  fileprivate func json(in bytes: [UInt8]) -> String? { json(bytes.span.bytes, of: .channel) }
}
