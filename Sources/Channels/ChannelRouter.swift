package import Detection
package import LockFree
package import MarketData

/// The channels of a server and the registry that places symbols on them.
package final class ChannelRouter: Sendable {
  package let channels: [TickChannel]
  package let registry: SymbolRegistry
  private let profiles: [TickProfile]

  package init(channels: [TickChannel], registry: SymbolRegistry, profiles: [TickProfile]) {
    self.channels = channels
    self.registry = registry
    self.profiles = profiles
  }

  package func start(output: ManyToOneQueue<SequencerInput>) {
    for channel in channels { channel.start(profiles: profiles, output: output) }
  }

  /// Before the end: what waits in paused channels is processed too.
  package func resumeAll() {
    // Those that are not paused refuse, and run anyway.
    for channel in channels { try? channel.resume() }
  }

  /// Ends every worker after it has finished what is in its ring.
  package func stop() {
    for channel in channels { channel.stop() }
  }

  /// The newest event time that all channels have passed; a channel with nothing queued holds nothing back. 0 before any input.
  package var watermark: UnixNanos {
    let progress = channels.map(\.progress)
    let newest = progress.map(\.passed).max() ?? UnixNanos(0)
    return progress.filter { !$0.isEmpty }.map(\.passed).min() ?? newest
  }

  package func routerMetrics(of channels: [ChannelMetricsSnapshot]) -> RouterMetricsSnapshot {
    let symbols = registry.symbolsOfChannels
    var snapshot = RouterMetricsSnapshot()
    snapshot.placements = symbols.reduce(0, +)
    for (index, channel) in channels.enumerated() {
      snapshot.routed += channel.received
      snapshot.shares.append(
        RouterMetricsSnapshot.Share(channel: channel.channel, items: channel.received, symbols: symbols[index]))
    }
    return snapshot
  }
}
