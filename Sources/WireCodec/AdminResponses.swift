package import Channels
package import Detection
package import MarketData
internal import Settings

/// Writes the responses of calls that come seldom.
package enum AdminResponses {
  /// One channel as `ListChannels` tells it.
  package struct ChannelStatus {
    package var metrics: ChannelMetricsSnapshot
    package var settings: ChannelSettings

    package init(metrics: ChannelMetricsSnapshot, settings: ChannelSettings) {
      self.metrics = metrics
      self.settings = settings
    }
  }

  package struct ServerInfo {
    package var version = ""
    package var logID = ""
    package var startedTime = UnixNanos(0)
    package var serverTime = UnixNanos(0)
    package var lastEventSequence: UInt64 = 0
    package var firstKeptSequence: UInt64 = 0
    package var maxMessageBytes: UInt64 = 0
    package var maxItems: UInt64 = 0
    /// Names, in the order in which they are matched.
    package var profiles: [String] = []

    package init() {}
  }

  /// One connection.
  package struct SessionInfo: Sendable {
    package var id = ""
    package var peer = ""
    package var identity = ""
    package var streams: UInt32 = 0
    package var lag: UInt64 = 0
    package var drops: UInt64 = 0
    package var bytesIn: UInt64 = 0
    package var bytesOut: UInt64 = 0

    package init() {}
  }

  package static func sessions(_ sessions: [SessionInfo]) -> [UInt8] {
    var writer = WireWriter()
    for session in sessions {
      writer.message(1) { inner in
        inner.text(1, session.id)
        inner.text(2, session.peer)
        inner.text(3, session.identity)
        inner.unsigned(4, UInt64(session.streams))
        inner.unsigned(5, session.lag)
        inner.unsigned(6, session.drops)
        inner.unsigned(7, session.bytesIn)
        inner.unsigned(8, session.bytesOut)
      }
    }
    return writer.bytes
  }

  package static func listChannels(_ channels: [ChannelStatus]) -> [UInt8] {
    var writer = WireWriter()
    for channel in channels { writer.message(1) { encode(channel, &$0) } }
    return writer.bytes
  }

  /// Of all calls that return one channel: `channel` is their field 1.
  package static func channel(_ channel: ChannelStatus) -> [UInt8] {
    var writer = WireWriter()
    writer.message(1) { encode(channel, &$0) }
    return writer.bytes
  }

  /// - Parameter snapshot: one encoded `MetricsSnapshot`.
  package static func metrics(encoded snapshot: [UInt8]) -> [UInt8] {
    var writer = WireWriter(reserving: snapshot.count + 8)
    writer.raw(1, snapshot)
    return writer.bytes
  }

  package static func serverInfo(_ info: ServerInfo) -> [UInt8] {
    var writer = WireWriter()
    writer.text(1, info.version)
    writer.unsigned(2, UInt64(rulesVersion))
    writer.text(3, info.logID)
    writer.fixed(4, info.startedTime.nanoseconds)
    writer.fixed(5, info.serverTime.nanoseconds)
    writer.unsigned(6, info.lastEventSequence)
    writer.unsigned(7, info.firstKeptSequence)
    writer.unsigned(8, info.maxMessageBytes)
    writer.unsigned(9, info.maxItems)
    for profile in info.profiles { writer.alwaysText(10, profile) }
    return writer.bytes
  }

  package static func symbolStates(
    _ states: [(symbol: String, channel: String, profile: String, snapshot: SymbolSnapshot)], asOf sequence: UInt64
  ) -> [UInt8] {
    var writer = WireWriter()
    for state in states {
      writer.message(1) { encode(state.snapshot, state.symbol, state.channel, state.profile, &$0) }
    }
    writer.unsigned(2, sequence)
    return writer.bytes
  }

  private static func encode(_ channel: ChannelStatus, _ writer: inout WireWriter) {
    writer.raw(1, SpecEncoder.channel(channel.settings.node).bytes)
    writer.message(2) { channel.metrics.encode(&$0) }
    writer.unsigned(3, UInt64(channel.metrics.configVersion))
  }

  private static func encode(
    _ state: SymbolSnapshot, _ symbol: String, _ channel: String, _ profile: String, _ writer: inout WireWriter
  ) {
    writer.text(1, symbol)
    writer.text(2, channel)
    writer.double(3, state.lastPrice)
    writer.fixed(4, state.lastPriceTime.nanoseconds)
    writer.enumeration(5, state.session.rawValue)
    writer.double(6, state.sessionOpen)
    writer.double(7, state.sessionHigh)
    writer.double(8, state.sessionLow)
    writer.double(9, state.highAnchor)
    writer.double(10, state.lowAnchor)
    for trend in state.trends {
      writer.message(11) { inner in
        inner.fixed(1, trend.horizonNanos)
        inner.enumeration(2, trend.direction.rawValue)
        inner.fixed(3, trend.since.nanoseconds)
      }
    }
    writer.enumeration(12, state.surge.rawValue)
    writer.double(13, state.vwap)
    writer.double(14, state.relativeVolume)
    writer.fixed(15, state.warmUpLeftNanos)
    if let valuation = state.valuation { writer.enumeration(16, valuation.rawValue) }
    writer.text(17, profile)
    writer.fixed(18, state.watermark.nanoseconds)
    writer.double(19, state.candidate)
    writer.unsigned(20, UInt64(state.candidateAlike))
    writer.double(21, state.learnedPct)
  }
}
