internal import Channels
internal import LockFree
internal import Server
internal import WireCodec

/// Channels as a table for people, at most 80 columns wide. Pure.
enum ChannelTable {
  static let width = 80

  static func lines(_ channels: [ChannelMetricsSnapshot]) -> [String] {
    var table = TextTable(columns: [
      TextTable.Column(title: "name"), TextTable.Column(title: "type"), TextTable.Column(title: "state"),
      TextTable.Column(title: "breaker"), TextTable.Column(title: "health"),
      TextTable.Column(title: "depth", isNumber: true), TextTable.Column(title: "items/s", isNumber: true),
      TextTable.Column(title: "p99", isNumber: true), TextTable.Column(title: "symbols", isNumber: true),
    ])
    table.rows = channels.map { channel in
      [
        channel.channel, channel.type.configurationName, channel.state.wireName.lowercased(),
        channel.breaker.wireName.lowercased(), channel.health.wireName.lowercased(), Figure.count(channel.ringDepth),
        Figure.rate(channel.itemsPerSecond), Figure.latency(channel.queueLatency.p99, of: channel.queueLatency),
        Figure.count(channel.symbols),
      ]
    }
    return table.lines(width: width)
  }
}
