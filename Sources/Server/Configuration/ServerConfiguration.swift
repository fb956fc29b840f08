package import Channels

/// Everything a server can be told, with a default for each: the value of an empty configuration file.
///
/// The server accepts only what `ConfigurationReader` lets through. `+Keys` has every key with its range.
package struct ServerConfiguration: Sendable {
  package var listen = ListenAddress(host: "127.0.0.1", port: 7171)
  /// Threads that serve connections; 0 = one for each core, at most 8.
  package var eventLoops = 0
  package var limits = Limits()
  package var keepalive = Keepalive()
  /// How long a shutdown waits for clients and rings before it ends what is left.
  package var drainNanos: Int64 = 10_000_000_000
  /// Whether `serve --fault-plan` is allowed: for drills, never where money is.
  package var allowsFaults = false
  package var routing = Routing()
  package var eventLog = EventLog()
  package var channels: [ChannelSettings] = [
    ChannelSettings(name: "ticks-1"), ChannelSettings(name: "ticks-2"),
    ChannelSettings(name: "bars-1", type: .bar), ChannelSettings(name: "values-1", type: .fairMarketValue),
  ]
  package var profiles = [Profile.new("default")]

  package init() {}

  package struct Limits: Equatable, Sendable {
    /// The largest message taken, in bytes.
    package var maxMessageBytes = 4 << 20
    /// The most items in one message.
    package var maxItems = 65_536
    package var maxSymbols = 1_000_000
    /// The most names of fair-value models.
    package var maxModels = 1_000
    /// The most publisher names that the server remembers.
    package var maxPublishers = 10_000
    /// How long a publisher's name is remembered after its last stream.
    package var publisherMemoryNanos: Int64 = 7 * 86_400_000_000_000
    package var maxConnections = 10_000
    /// The most connections of one address: an IPv4 address, or an IPv6 network of 64 bits.
    package var maxConnectionsPerAddress = 5_000
    /// The most bytes of one header block: names, values and 32 a field.
    package var maxHeaderListBytes = 16 << 10
    /// The most calls open at once on one connection.
    package var maxConcurrentStreams = 1_000
    /// The most publishing calls open at once on the whole server.
    package var maxPublishStreams = 16_384
    /// The most subscriptions that run at once on the whole server.
    package var maxSubscribers = 10_000
    /// How much of `maxPublishStreams`, `maxSubscribers`, `pendingBytes` and of the replays one connection may have, in per cent.
    package var sharePercent = 50
    /// A replay whose client brings nothing for this long ends.
    package var idleReplayNanos: Int64 = 30_000_000_000
    /// Bytes that everything unfinished of the process may hold together.
    package var pendingBytes = 256 << 20
    /// A call that gets no byte of a message that has begun for this long ends.
    package var idleMessageNanos: Int64 = 60_000_000_000

    package init() {}
  }

  package struct Keepalive: Equatable, Sendable {
    /// A silent connection is asked for a sign of life after this long; 0 = never.
    package var intervalNanos: Int64 = 60_000_000_000
    /// A connection that does not answer within this time is closed.
    package var timeoutNanos: Int64 = 20_000_000_000

    package init() {}
  }

  /// By kind of channel.
  package struct Routing: Equatable, Sendable {
    package var tick = RoutingRule()
    package var bar = RoutingRule()
    package var fairMarketValue = RoutingRule()

    package init() {}

    package var rules: [ChannelType: RoutingRule] { [.tick: tick, .bar: bar, .fairMarketValue: fairMarketValue] }
  }

  package struct EventLog: Equatable, Sendable {
    /// The most events kept for subscribers that come late.
    package var keepEvents = 1_000_000
    /// The most bytes of encoded events kept.
    package var keepBytes = 512 << 20

    package init() {}
  }
}

/// Where the server listens.
package struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
  package var host: String
  /// 0 = any free port.
  package var port: Int

  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `HOST:PORT`, with an IPv6 host in brackets; nil when it is none.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    guard !host.isEmpty else { return nil }
    self.init(host: host, port: Int(port))
  }

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
