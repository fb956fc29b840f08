package import Channels
package import LockFree

// What metrics.proto says of a whole server, as one moment's copy: contract.md, "metrics.proto". The parts of channels and router are in `Channels`.

package struct ServerMetricsSnapshot: Equatable, Sendable {
  /// Bytes that one kind of unfinished work holds of `limits.pending_bytes`.
  package struct PendingBytes: Equatable, Sendable {
    package var owner: String
    package var bytes: UInt64

    package init(owner: String, bytes: UInt64) {
      self.owner = owner
      self.bytes = bytes
    }
  }

  package struct EndedConnections: Equatable, Sendable {
    package var reason: String
    package var count: UInt64

    package init(reason: String, count: UInt64) {
      self.reason = reason
      self.count = count
    }
  }

  package var connections: UInt64 = 0
  package var streams: UInt64 = 0
  package var subscribers: UInt64 = 0
  package var publishedItems: UInt64 = 0
  package var rejectedItems: UInt64 = 0
  package var lastEventSequence: UInt64 = 0
  package var eventStoreLag: UInt64 = 0
  package var residentBytes: UInt64 = 0
  package var uptimeNanos: UInt64 = 0
  package var bytesIn: UInt64 = 0
  package var bytesOut: UInt64 = 0
  package var tickToEvent = LatencySummary()
  package var cpuSeconds = 0.0
  package var pending: [PendingBytes] = []
  package var pendingLimit: UInt64 = 0
  package var endedConnections: [EndedConnections] = []

  package init() {}
}

package struct MetricsSnapshot: Equatable, Sendable {
  package var timestampNanos: Int64 = 0
  package var channels: [ChannelMetricsSnapshot] = []
  package var server = ServerMetricsSnapshot()
  package var router = RouterMetricsSnapshot()

  package init() {}
}
