internal import Channels
internal import MarketData
internal import Yams

/// Reads a configuration file and checks everything in it, relations included.
///
/// Codable would stop at the first problem and name no line; this reader walks Yams' node tree and collects them all.
package enum ConfigurationReader {
  /// - Throws: every problem at once, each with its key, line and valid range.
  /// - Parameter overrides: stand above what the file says.
  package static func read(
    yaml: String, overrides: ConfigurationOverrides = ConfigurationOverrides()
  ) throws(InvalidConfiguration) -> ServerConfiguration {
    let collector = ProblemCollector(overrides)
    let root: Node?
    do {
      root = try Yams.compose(yaml: yaml)
    } catch {
      let line = (error as? YamlError)?.line
      collector.add("", line, "is no valid YAML: \(error)".replacing("\n", with: " "))
      throw InvalidConfiguration(problems: collector.problems)
    }
    var configuration = ServerConfiguration()
    let section = ConfigurationSection(root, path: "", collector: collector)
    section.section("server") { readServer($0, into: &configuration) }
    section.section("routing") { readRouting($0, into: &configuration.routing) }
    section.section("event_log") { readEventLog($0, into: &configuration.eventLog) }
    var channels: [ChannelConfiguration] = []
    if section.sections("channels", { channels.append(readChannel($0)) }) { configuration.channels = channels }
    var profiles: [ProfileConfiguration] = []
    if section.sections("profiles", { profiles.append(ProfileReader.read($0)) }) { configuration.profiles = profiles }
    section.finish()
    collector.finish()
    checkRelations(configuration) { section.problem($0, $1) }
    guard collector.problems.isEmpty else { throw InvalidConfiguration(problems: collector.problems) }
    return configuration
  }

  private static func readServer(_ section: ConfigurationSection, into configuration: inout ServerConfiguration) {
    section.text("listen") { text in
      guard let address = ListenAddress(text) else {
        return section.problem("listen", "is '\(text)'; must be HOST:PORT, such as 127.0.0.1:7171")
      }
      configuration.listen = address
    }
    section.integer("event_loops", in: 0...64, into: &configuration.eventLoops)
    section.boolean("faults", into: &configuration.allowsFaults)
    section.duration("drain", in: 0...600_000_000_000, into: &configuration.drainNanos)
    section.section("limits") { limits in
      limits.integer("max_message_bytes", in: 1_024...(64 << 20), into: &configuration.limits.maxMessageBytes)
      limits.integer("max_items", in: 1...1_000_000, into: &configuration.limits.maxItems)
      limits.integer("max_symbols", in: 1...10_000_000, into: &configuration.limits.maxSymbols)
      limits.integer("max_models", in: 1...100_000, into: &configuration.limits.maxModels)
      limits.integer("max_publishers", in: 1...1_000_000, into: &configuration.limits.maxPublishers)
      limits.duration(
        "publisher_memory", in: 1_000_000...366 * 86_400_000_000_000, into: &configuration.limits.publisherMemoryNanos)
      limits.integer("max_connections", in: 1...100_000, into: &configuration.limits.maxConnections)
      limits.integer(
        "max_connections_per_address", in: 1...100_000, into: &configuration.limits.maxConnectionsPerAddress)
      limits.integer("max_header_list_bytes", in: 1_024...(1 << 20), into: &configuration.limits.maxHeaderListBytes)
      limits.integer("max_concurrent_streams", in: 1...100_000, into: &configuration.limits.maxConcurrentStreams)
      limits.integer("max_publish_streams", in: 1...1_000_000, into: &configuration.limits.maxPublishStreams)
      limits.integer("max_subscribers", in: 1...1_000_000, into: &configuration.limits.maxSubscribers)
      limits.integer("share_pct", in: 1...100, into: &configuration.limits.sharePercent)
      limits.duration("idle_replay", in: 10_000_000...86_400_000_000_000, into: &configuration.limits.idleReplayNanos)
      limits.integer("pending_bytes", in: (1 << 20)...(64 << 30), into: &configuration.limits.pendingBytes)
      limits.duration("idle_message", in: 100_000_000...3_600_000_000_000, into: &configuration.limits.idleMessageNanos)
    }
    section.section("keepalive") { keepalive in
      keepalive.duration("interval", in: 0...3_600_000_000_000, into: &configuration.keepalive.intervalNanos)
      keepalive.duration(
        "timeout", in: 100_000_000...600_000_000_000, into: &configuration.keepalive.timeoutNanos)
    }
  }

  private static func readRouting(_ section: ConfigurationSection, into routing: inout ServerConfiguration.Routing) {
    section.section("tick") { readRule($0, into: &routing.tick) }
    section.section("bar") { readRule($0, into: &routing.bar) }
    section.section("fmv") { readRule($0, into: &routing.fairMarketValue) }
  }

  private static func readRule(_ section: ConfigurationSection, into rule: inout RoutingRule) {
    section.choice("strategy", among: RoutingStrategy.allCases.map { ($0.rawValue, $0) }, into: &rule.strategy)
    var seed = Int(clamping: rule.seed)
    section.integer("seed", in: 0...Int.max, into: &seed)
    rule.seed = UInt64(seed)
  }

  private static func readEventLog(_ section: ConfigurationSection, into log: inout ServerConfiguration.EventLog) {
    section.text("kind") { kind in
      if kind != "memory" { section.problem("kind", "is '\(kind)'; must be memory") }
    }
    section.integer("keep_events", in: 1...1_000_000_000, into: &log.keepEvents)
    section.integer("keep_bytes", in: (1 << 20)...(1 << 40), into: &log.keepBytes)
  }

  /// - Parameter start: what holds where the section says nothing.
  static func readChannel(
    _ section: ConfigurationSection, from start: ChannelConfiguration = ChannelConfiguration(name: "")
  ) -> ChannelConfiguration {
    var channel = start
    section.text("name") { channel.name = $0 }
    if !ChannelName.isValid(channel.name) {
      section.problem("name", "is '\(channel.name)'; must be \(ChannelName.rule)")
    }
    section.choice("type", among: ChannelType.allCases.map { ($0.configurationName, $0) }, into: &channel.type)
    section.integer("ring_capacity", in: 1...(1 << 24), into: &channel.ringCapacity)
    if channel.ringCapacity.nonzeroBitCount != 1 {
      section.problem("ring_capacity", "is \(channel.ringCapacity); must be a power of two from 1 to \(1 << 24)")
    }
    section.section("batching") { batching in
      batching.choice(
        "strategy", among: BatchingStrategy.allCases.map { ($0.rawValue, $0) },
        into: &channel.batching.strategy)
      batching.integer("max_batch", in: 1...65_536, into: &channel.batching.maxBatch)
      batching.integer("max_wait_us", in: 1...1_000_000, into: &channel.batching.maxWaitMicros)
    }
    section.choice("overflow", among: OverflowPolicy.allCases.map { ($0.rawValue, $0) }, into: &channel.overflow)
    section.section("breaker") { GuardReader.read($0, into: &channel.breaker) }
    section.section("health") { GuardReader.read($0, into: &channel.health) }
    section.choice(
      "wait", among: ChannelConfiguration.Wait.allCases.map { ($0.rawValue, $0) }, into: &channel.wait)
    channel.profiles = section.texts("profiles") ?? channel.profiles
    return channel
  }

  /// What no key shows alone: names that stand twice or nowhere, nothing to run, memory beyond reason.
  private static func checkRelations(
    _ configuration: ServerConfiguration, _ problem: (_ key: String, _ message: String) -> Void
  ) {
    if configuration.channels.isEmpty { problem("channels", "is empty; must name at least one channel") }
    if configuration.channels.count > 256 {
      problem("channels", "has \(configuration.channels.count) entries; must have 1 to 256")
    }
    if configuration.profiles.isEmpty { problem("profiles", "is empty; must name at least one profile") }
    if configuration.profiles.count > 4_096 {
      problem("profiles", "has \(configuration.profiles.count) entries; must have 1 to 4,096")
    }
    reportTwice(configuration.channels.map(\.name), list: "channels", problem)
    reportTwice(configuration.profiles.map(\.name), list: "profiles", problem)
    let names = Set(configuration.profiles.map(\.name))
    for (index, channel) in configuration.channels.enumerated() {
      for profile in channel.profiles where !names.contains(profile) {
        problem(
          "channels[\(index)].profiles",
          "names '\(profile)', which is no profile; known: \(names.sorted().joined(separator: ", "))")
      }
    }
    let ringBytes = configuration.channels.reduce(0) { $0 + $1.ringCapacity * $1.type.bytesPerItem }
    if ringBytes > 4 << 30 {
      problem("channels", "need \(ringBytes >> 20) MiB of rings; all together may need 4,096 MiB")
    }
  }

  /// The same for a configuration that no file holds.
  static func checkRelations(_ configuration: ServerConfiguration) throws(InvalidConfiguration) {
    var problems: [ConfigurationProblem] = []
    checkRelations(configuration) { problems.append(ConfigurationProblem(key: $0, line: nil, message: $1)) }
    guard problems.isEmpty else { throw InvalidConfiguration(problems: problems) }
  }

  private static func reportTwice(_ names: [String], list: String, _ problem: (String, String) -> Void) {
    var seen: Set<String> = []
    for (index, name) in names.enumerated() where !seen.insert(name).inserted {
      problem("\(list)[\(index)].name", "'\(name)' stands in the list twice")
    }
  }
}

extension ChannelType {
  package var configurationName: String {
    switch self {
    case .tick: "tick"
    case .bar: "bar"
    case .fairMarketValue: "fmv"
    }
  }

  /// What one item takes of a ring.
  package var bytesPerItem: Int {
    switch self {
    case .tick: 64
    case .bar: 112
    case .fairMarketValue: 72
    }
  }
}

extension YamlError {
  /// The line that the parser stumbled over, from 1.
  fileprivate var line: Int? {
    switch self {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
    default: nil
    }
  }
}
