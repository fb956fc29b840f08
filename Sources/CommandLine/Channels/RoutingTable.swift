internal import Channels
internal import Server
internal import WireCodec

/// The routing of each type with its channels' shares, for people. Pure.
enum RoutingTable {
  static func lines(_ routing: ReceivedRouting, _ channels: [ChannelMetricsSnapshot]) -> [String] {
    var table = TextTable(columns: [
      TextTable.Column(title: "type, channel"), TextTable.Column(title: "strategy"),
      TextTable.Column(title: "share", isNumber: true), TextTable.Column(title: "items", isNumber: true),
      TextTable.Column(title: "symbols", isNumber: true),
    ])
    for rule in routing.rules {
      let seed = rule.strategy == RoutingStrategy.random.rawValue ? ", seed \(rule.seed)" : ""
      table.rows.append([rule.type.configurationName, rule.strategy + seed, "", "", ""])
      let names = channels.filter { $0.type == rule.type }.map(\.channel)
      let shares = routing.metrics.shares.filter { names.contains($0.channel) }
      let items = shares.reduce(0) { $0 &+ $1.items }
      for share in shares {
        table.rows.append([
          "  \(share.channel)", "", Figure.percent(share.items, of: items), Figure.full(share.items),
          Figure.full(share.symbols),
        ])
      }
    }
    let metrics = routing.metrics
    var summary =
      "\(Figure.full(metrics.routed)) items routed, \(Figure.full(metrics.placements)) symbols placed, \(Figure.full(metrics.moves)) moved since, \(Figure.full(metrics.failures)) failures"
    if !metrics.failuresByCause.isEmpty {
      let causes = metrics.failuresByCause.map { "\(Cells.tame($0.cause)) \(Figure.full($0.count))" }
      summary += " (\(causes.joined(separator: ", ")))"
    }
    return table.lines(width: ChannelTable.width) + ["", summary]
  }
}
