internal import Channels
package import Settings

extension ServerConfiguration: KeyedSettings {
  package mutating func keys(_ file: SettingsSection) {
    file.section("server") { server in
      server.value(
        "listen",
        .written("HOST:PORT, such as 127.0.0.1:7171", as: { $0.description }, read: { ListenAddress($0) }),
        into: &listen, note: "HOST:PORT to listen on; port 0 takes any free one and prints it.")
      server.integer(
        "event_loops", in: 0...64, into: &eventLoops,
        note: "Threads that serve connections; 0 = one for each core, at most 8.")
      server.boolean(
        "faults", into: &allowsFaults,
        note: "Whether `serve --fault-plan` is allowed: for drills, never where money is.")
      server.duration(
        "drain", in: 0...600_000_000_000, into: &drainNanos,
        note: "How long a shutdown waits for clients and rings before it ends what is left.")
      server.section("limits", into: &limits)
      server.section("keepalive", into: &keepalive)
    }
    file.section("routing", into: &routing)
    file.section("event_log", into: &eventLog)
    file.sections("channels", new: ChannelSettings(name: ""), into: &channels)
    file.sections("profiles", new: Profile.new(""), into: &profiles)
    relations(file)
  }

  /// What no key shows alone: names that stand twice or nowhere, nothing to run, memory beyond reason.
  private func relations(_ file: SettingsSection) {
    file.require(!channels.isEmpty, "channels", "is empty; must name at least one channel")
    file.require(channels.count <= 256, "channels", "has \(channels.count) entries; must have 1 to 256")
    file.require(!profiles.isEmpty, "profiles", "is empty; must name at least one profile")
    file.require(profiles.count <= 4_096, "profiles", "has \(profiles.count) entries; must have 1 to 4,096")
    reportTwice(channels.map(\.name), list: "channels", file)
    reportTwice(profiles.map(\.name), list: "profiles", file)
    let names = profiles.map(\.name)
    for (index, channel) in channels.enumerated() {
      for problem in channel.unknownProfiles(among: names) {
        file.problem("channels", item: index, inner: "profiles", problem)
      }
    }
    let ringBytes = channels.reduce(0) { $0 + $1.ringCapacity * $1.type.bytesPerItem }
    file.require(
      ringBytes <= 4 << 30, "channels", "need \(ringBytes >> 20) MiB of rings; all together may need 4,096 MiB")
  }

  private func reportTwice(_ names: [String], list: String, _ file: SettingsSection) {
    var seen: Set<String> = []
    for (index, name) in names.enumerated() where !seen.insert(name).inserted {
      file.problem(list, item: index, inner: "name", "'\(name)' stands in the list twice")
    }
  }
}

extension ServerConfiguration.Limits: KeyedSettings {
  package mutating func keys(_ limits: SettingsSection) {
    limits.integer(
      "max_message_bytes", in: 1_024...(64 << 20), into: &maxMessageBytes,
      note: "The largest message taken, in bytes.")
    limits.integer("max_items", in: 1...1_000_000, into: &maxItems, note: "The most items in one message.")
    limits.integer("max_symbols", in: 1...10_000_000, into: &maxSymbols)
    limits.integer("max_models", in: 1...100_000, into: &maxModels, note: "Names of fair-value models.")
    limits.integer(
      "max_publishers", in: 1...1_000_000, into: &maxPublishers, note: "Publisher names that the server remembers.")
    limits.duration(
      "publisher_memory", in: 1_000_000...366 * 86_400_000_000_000, into: &publisherMemoryNanos,
      note: "How long each is remembered after its last stream; while max_publishers are, new names are refused.")
    limits.integer(
      "max_connections", in: 1...100_000, into: &maxConnections,
      note: "The last 16 (a sixteenth, where that is less) are kept for addresses that hold no connection.")
    limits.integer(
      "max_connections_per_address", in: 1...100_000, into: &maxConnectionsPerAddress,
      note: "Of one IPv4 address, or one IPv6 network of 64 bits; loopback is an address like any other.")
    limits.integer(
      "max_header_list_bytes", in: 1_024...(1 << 20), into: &maxHeaderListBytes,
      note: "Of a call's headers: names, values and 32 bytes a field.")
    limits.integer(
      "max_concurrent_streams", in: 1...100_000, into: &maxConcurrentStreams,
      note: "Calls open at once on one connection.")
    limits.integer(
      "max_publish_streams", in: 1...1_000_000, into: &maxPublishStreams,
      note: "Publishing calls open at once on the whole server.")
    limits.integer(
      "max_subscribers", in: 1...1_000_000, into: &maxSubscribers,
      note: "Subscriptions that run at once on the whole server.")
    limits.integer(
      "share_pct", in: 1...100, into: &sharePercent,
      note:
        "How much of max_publish_streams, of max_subscribers, of pending_bytes and of the replays one connection may have, in per cent."
    )
    limits.duration(
      "idle_replay", in: 10_000_000...86_400_000_000_000, into: &idleReplayNanos,
      note: "A replay whose client brings nothing, and takes nothing, for this long ends.")
    limits.integer(
      "pending_bytes", in: (1 << 20)...(64 << 30), into: &pendingBytes,
      note:
        "Bytes that everything unfinished may hold together: messages that arrive, items beside a full ring, open calls, what clients do not read."
    )
    limits.duration(
      "idle_message", in: 100_000_000...3_600_000_000_000, into: &idleMessageNanos,
      note: "A call that gets no byte of a message that has begun for this long ends DEADLINE_EXCEEDED.")
  }
}

extension ServerConfiguration.Keepalive: KeyedSettings {
  package mutating func keys(_ keepalive: SettingsSection) {
    keepalive.duration(
      "interval", in: 0...3_600_000_000_000, into: &intervalNanos,
      note: "A silent connection is asked for a sign of life after this long; 0s = never.")
    keepalive.duration(
      "timeout", in: 100_000_000...600_000_000_000, into: &timeoutNanos,
      note: "A connection that does not answer within this time is closed.")
  }
}

extension ServerConfiguration.Routing: KeyedSettings {
  package mutating func keys(_ routing: SettingsSection) {
    routing.section(
      "tick",
      note:
        "Which channel takes a symbol at first sight, by kind; there it stays until a failover or `rebalance`. symbol_hash: by the names alone; round_robin; least_loaded: the emptiest ring, then the fewest symbols; healthiest; random, from the seed.",
      into: &tick)
    routing.section("bar", into: &bar)
    routing.section("fmv", into: &fairMarketValue)
  }
}

extension ServerConfiguration.EventLog: KeyedSettings {
  package mutating func keys(_ log: SettingsSection) {
    var kind = "memory"
    log.value("kind", .text("memory") { $0 == "memory" }, into: &kind)
    log.integer(
      "keep_events", in: 1...1_000_000_000, into: &keepEvents,
      note:
        "What is kept for subscribers that come late: the newest events within both bounds; keep_bytes is memory for encoded events."
    )
    log.integer("keep_bytes", in: (1 << 20)...(1 << 40), into: &keepBytes)
  }
}

extension ChannelSettings {
  /// A problem for each profile that there is not.
  func unknownProfiles(among names: [String]) -> [String] {
    let known = Set(names)
    return profiles.subtracting(known).sorted().map { profile in
      "names '\(profile)', which is no profile; known: \(known.sorted().joined(separator: ", "))"
    }
  }
}

extension ChannelType {
  /// What one item takes of a ring.
  package var bytesPerItem: Int {
    switch self {
    case .tick: 64
    case .bar: 112
    case .fairMarketValue: 72
    }
  }
}
