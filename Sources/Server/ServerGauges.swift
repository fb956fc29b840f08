internal import Channels
internal import Events
internal import LockFree
internal import MarketData
internal import Synchronization
internal import Transport
internal import WireCodec

/// Puts the snapshot of one moment together from everybody's counters.
final class ServerGauges: Sendable {
  private struct Sources {
    weak var shared: SharedState?
    weak var loops: Loops?
    weak var transport: ServerTransport?
  }

  private let sources = Guarded(Sources())

  func connect(shared: SharedState, loops: Loops, transport: ServerTransport) {
    sources.withLock { $0 = Sources(shared: shared, loops: loops, transport: transport) }
  }

  func snapshot() -> MetricsSnapshot {
    var snapshot = MetricsSnapshot()
    let sources = sources.withLock { $0 }
    guard let shared = sources.shared else { return snapshot }
    snapshot.timestampNanos = shared.clock.unixNow.nanoseconds
    (snapshot.channels, snapshot.router) = shared.router.metrics()
    snapshot.server.subscribers = UInt64(shared.subscribers.count)
    snapshot.server.lastEventSequence = shared.log.lastSequence
    snapshot.server.residentBytes = ProcessUsage.residentBytes
    snapshot.server.cpuSeconds = ProcessUsage.cpuSeconds
    snapshot.server.uptimeNanos = UInt64(
      max(0, shared.clock.monotonicNow.nanoseconds &- shared.startedMonotonic.nanoseconds))
    snapshot.server.pending = ByteBudget.Owner.allCases.map { owner in
      ServerMetricsSnapshot.PendingBytes(
        owner: owner.name, bytes: UInt64(max(0, shared.pendingBytes.bytes(of: owner))))
    }
    snapshot.server.pendingLimit = UInt64(max(0, shared.pendingBytes.limit))
    if let transport = sources.transport {
      snapshot.server.connections = UInt64(transport.connectionCount)
      snapshot.server.streams = UInt64(max(0, transport.meters.openCalls.load(ordering: .relaxed)))
      snapshot.server.endedConnections = transport.meters.ended.all.map {
        ServerMetricsSnapshot.EndedConnections(reason: $0.name, count: $0.count)
      }
      snapshot.server.bytesIn = transport.meters.bytesIn.load(ordering: .relaxed)
      snapshot.server.bytesOut = transport.meters.bytesOut.load(ordering: .relaxed)
    }
    if let loops = sources.loops {
      snapshot.server.tickToEvent = loops.tickToEvent
      (snapshot.server.publishedItems, snapshot.server.rejectedItems) = loops.items
    }
    return snapshot
  }
}
