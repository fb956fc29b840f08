internal import Channels
internal import LockFree
internal import Server
internal import Settings
internal import WireCodec

/// One channel in full, for people. Pure.
enum ChannelDetails {
  /// How it is, in one line.
  static func sentence(_ channel: ChannelMetricsSnapshot) -> String {
    // Health is judged ten times a second: what it says of a healthy channel may be from before a change.
    let reasons = channel.health == .healthy ? "" : " (\(channel.healthReasons.joined(separator: "; ")))"
    return Cells.tame(
      "\(channel.channel) is \(channel.state.wireName), breaker \(channel.breaker.wireName), \(channel.health.wireName)\(reasons)"
    )
  }

  static func lines(_ channel: ReceivedChannel) -> [String] {
    let metrics = channel.metrics
    func row(_ name: String, _ text: String) -> String { "  \(Cells.fit(name, 12)) \(text)" }
    func count(_ name: String, _ value: UInt64) -> String { row(name, Figure.full(value)) }
    var lines = [
      Cells.tame(metrics.channel),
      row("type", metrics.type.configurationName),
      row("state", "\(metrics.state.wireName) since \(UTCTime.text(metrics.stateSinceNanos))"),
      row("breaker", "\(metrics.breaker.wireName), opened \(Figure.full(metrics.breakerOpens)) times"),
      row("health", metrics.health.wireName),
    ]
    lines += metrics.healthReasons.map { row("", "because: \(Cells.tame($0))") }
    lines += [
      row(
        "ring",
        "\(Figure.full(metrics.ringDepth)) of \(Figure.full(metrics.ringCapacity)), \(Figure.full(metrics.ringHighWater)) at most so far"
      ),
      row("items/s", Figure.rate(metrics.itemsPerSecond)),
      row("mean batch", Figure.rate(metrics.meanBatch)),
      row("errors", "\(Figure.rate(metrics.errorRate * 100)) % of the last minute's batches"),
      count("symbols", metrics.symbols),
      "items",
    ]
    let counters: [(String, UInt64)] = [
      ("received", metrics.received), ("processed", metrics.processed), ("failed", metrics.failed),
      ("dropped", metrics.dropped), ("late", metrics.late), ("quarantined", metrics.quarantined),
      ("out of hours", metrics.outOfSession), ("stale", metrics.stale), ("revised", metrics.revised),
      ("unsure", metrics.lowConfidence),
      ("events", metrics.events), ("batches", metrics.batches), ("failovers", metrics.failovers),
      ("restarts", metrics.restarts),
    ]
    lines += counters.map { count($0.0, $0.1) }
    lines += latencies(metrics)
    lines.append("configuration, version \(channel.configVersion)")
    lines += channel.spec.block().filter { !$0.hasPrefix("name: ") }.map { "  \($0)" }
    return lines
  }

  private static func latencies(_ metrics: ChannelMetricsSnapshot) -> [String] {
    func row(_ name: String, _ cells: [String]) -> String {
      "  " + Cells.fit(name, 12) + cells.map { " " + Cells.fit($0, 7, right: true) }.joined()
    }
    func cells(_ latency: LatencySummary) -> [String] {
      [latency.p50, latency.p90, latency.p99, latency.p999, latency.max].map { Figure.latency($0, of: latency) }
    }
    return [
      "latency" + Cells.fit("", 7)
        + ["p50", "p90", "p99", "p99.9", "max"].map { " " + Cells.fit($0, 7, right: true) }.joined(),
      row("in the ring", cells(metrics.queueLatency)),
      row("an item", cells(metrics.processingLatency)),
    ]
  }
}
