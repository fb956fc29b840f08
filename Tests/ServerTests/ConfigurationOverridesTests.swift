import Channels
import Detection
import MarketData
import Server
import Settings
import Testing

@Suite struct ConfigurationOverridesTests {
  private func read(
    _ yaml: String = "", set: [String] = [], environment: [String: String] = [:]
  ) throws -> ServerConfiguration {
    try ConfigurationReader.read(
      yaml: yaml, overrides: ConfigurationOverrides(settings: set, environment: environment))
  }

  private func problems(
    _ yaml: String = "", set: [String] = [], environment: [String: String] = [:]
  ) -> [String] {
    do {
      _ = try ConfigurationReader.read(
        yaml: yaml, overrides: ConfigurationOverrides(settings: set, environment: environment))
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test func theCommandLineStandsAboveTheEnvironmentAndThatAboveTheFile() throws {
    let file = "server: {limits: {max_items: 1, max_symbols: 1, max_publishers: 1}}"
    let environment = ["PENSTOCK_SERVER_LIMITS_MAX_ITEMS": "2", "PENSTOCK_SERVER_LIMITS_MAX_SYMBOLS": "2"]
    let found = try read(
      file, set: ["server.limits.max_items=7", "server.limits.max_items=3"], environment: environment)
    #expect(found.limits.maxItems == 3)
    #expect(found.limits.maxSymbols == 2)
    #expect(found.limits.maxPublishers == 1)
  }

  /// Every value is written as in the file: durations, lists, whole mappings; sections need not stand in it.
  @Test func valuesOfEveryKindAreTaken() throws {
    let found = try read(
      set: [
        "server.drain=30s", "profiles=[{name: p, symbols: [A*, B], calendar: {preset: continuous}}]",
        "channels=[{name: one, ring_capacity: 64}]", "routing={tick: {strategy: symbol_hash}}",
      ], environment: ["PENSTOCK_EVENT_LOG_KEEP_EVENTS": "5_000"])
    #expect(found.drainNanos == 30_000_000_000)
    #expect(found.profiles.map(\.name) == ["p"] && found.profiles[0].symbols == ["A*", "B"])
    #expect(found.profiles[0].calendar == .continuous)
    #expect(found.channels.map(\.ringCapacity) == [64])
    #expect(found.eventLog.keepEvents == 5_000)
  }

  @Test func entriesOfTheFilesListsAreReached() throws {
    let file = "channels: [{name: a}, {name: b}]\nprofiles: [{name: p}]"
    let found = try read(
      file, set: ["channels[1].ring_capacity=128", "profiles[0].detectors.tick.surge.z=5"],
      environment: ["PENSTOCK_CHANNELS_0_RING_CAPACITY": "32"])
    #expect(found.channels.map(\.ringCapacity) == [32, 128])
    #expect(found.profiles[0].tick.surge.z == 5)
  }

  @Test func badOnesAreToldAllAtOnceWithTheirOrigin() {
    let found = problems(
      set: [
        "nonsense", "=5", "server.limts.max_items=3", "server.event_loops=99", "channels[0].ring_capacity=64",
        "server.listen=[",
      ],
      environment: [
        "PENSTOCK_SERVER_DRAIN": "soon", "PENSTOCK_SERVER_DRIAN": "1s", "PENSTOCK_BINARY": "x", "HOME": "/",
      ])
    let expected = [
      "--set nonsense: must be KEY=VALUE, such as server.listen=0.0.0.0:7171",
      "--set =5: must be KEY=VALUE, such as server.listen=0.0.0.0:7171",
      "--set server.limts.max_items: is no known key; entries of lists must stand in the file",
      "--set channels[0].ring_capacity: is no known key; entries of lists must stand in the file",
      "PENSTOCK_SERVER_DRIAN: is no known key; entries of lists must stand in the file",
      "server.event_loops: is 99; must be from 0 to 64 (from --set server.event_loops)",
      "server.listen: is no valid YAML: '[' (from --set server.listen)",
    ]
    for problem in expected { #expect(found.contains(problem), "\(problem) is missing in \(found)") }
    #expect(found.contains { $0.hasPrefix("server.drain:") && $0.hasSuffix("(from PENSTOCK_SERVER_DRAIN)") })
    #expect(found.count == expected.count + 1)
  }
}
