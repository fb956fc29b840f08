import Channels
import MarketData
import Server
import Settings
import Testing

@Suite struct ConfigurationTests {
  private func problems(_ yaml: String) -> [String] {
    do {
      _ = try ConfigurationReader.read(yaml: yaml)
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test func theDocumentedDefaultIsTheDefault() throws {
    let read = try ConfigurationReader.read(yaml: defaultConfigurationText)
    let plain = ServerConfiguration()
    #expect(read.listen == plain.listen)
    #expect(read.limits == plain.limits)
    #expect(read.keepalive == plain.keepalive)
    #expect(read.drainNanos == plain.drainNanos)
    #expect(read.eventLog == plain.eventLog)
    #expect(read.routing == plain.routing)
    #expect(read.channels == plain.channels)
    #expect(read.profiles == plain.profiles)
  }

  @Test func anEmptyFileIsTheDefault() throws {
    #expect(try ConfigurationReader.read(yaml: "").channels == ServerConfiguration().channels)
    #expect(try ConfigurationReader.read(yaml: "# nothing\n").listen == ServerConfiguration().listen)
  }

  @Test func everyProblemIsToldAtOnceWithKeyLineAndRange() {
    let found = problems(
      """
      server:
        listen: nowhere
        event_loops: 99
        limts: {}
      channels:
        - name: a b
          ring_capacity: 1000
        - name: t
          overflow: drop
          profiles: [nobody]
        - name: t
      profiles:
        - name: default
          detectors:
            tick:
              surge: { z: 0 }
              trend: { horizons: [60s, 10x] }
      """)
    let expected = [
      "line 2: server.listen: is 'nowhere'; must be HOST:PORT, such as 127.0.0.1:7171",
      "line 3: server.event_loops: is 99; must be from 0 to 64",
      "line 4: server.limts: is no known key; did you mean 'limits'?",
      "line 6: channels[0].name: is 'a b'; must be 1 to 64 of letters, digits, '-', '_' and '.'",
      "line 7: channels[0].ring_capacity: is 1000; must be a power of two from 1 to 16777216",
      "line 9: channels[1].overflow: is 'drop'; must be one of block, drop_newest, drop_oldest, conflate",
    ]
    for problem in expected { #expect(found.contains(problem), "\(problem) is missing in \(found)") }
    #expect(found.contains { $0.contains("channels[1].profiles") && $0.contains("'nobody'") })
    #expect(found.contains { $0.contains("channels[2].name") && $0.contains("twice") })
    #expect(found.contains { $0.contains("profiles[0].detectors.tick.surge.z") && $0.contains("from 0.1 to 100") })
    #expect(found.contains { $0.contains("profiles[0].detectors.tick.trend.horizons") && $0.contains("10x") })
  }

  @Test(arguments: [
    ("server: 5", "must be a mapping"), ("channels: {}", "must be a list"), ("channels: []", "at least one channel"),
    ("server: {listen: '1.2.3.4:99999'}", "must be HOST:PORT"), ("server: {drain: 10}", "must be a duration"),
    ("server: {drain: 999h}", "must be from 0s to 10m"), ("a: [", "is no valid YAML"),
    ("server: {event_loops: 1, event_loops: 2}", "is no valid YAML"), ("event_log: {kind: sqlite}", "must be memory"),
    ("profiles: [{name: p, calendar: {preset: mars}}]", "one of us_equities, continuous"),
    ("profiles: [{name: p, symbols: ['A*B']}]", "'*' may stand only at the end"),
  ])
  func badFilesAreRefusedInWords(yaml: String, words: String) {
    let found = problems(yaml)
    #expect(found.contains { $0.contains(words) }, "\(found)")
  }

  @Test(arguments: [
    ("127.0.0.1:0", "127.0.0.1", 0), ("[::1]:7171", "::1", 7171), ("localhost:65535", "localhost", 65_535),
  ])
  func addressesAreRead(text: String, host: String, port: Int) {
    #expect(ListenAddress(text) == ListenAddress(host: host, port: port))
  }
}
