internal import Channels
internal import LockFree
internal import WireCodec

/// What a measurement needs of the server's metrics.
struct BenchMetrics: Sendable {
  let publishedItems: UInt64
  let lastEventSequence: UInt64
  let residentBytes: UInt64
  let cpuSeconds: Double
  let tickToEvent: LatencySummary

  init(_ metrics: ServerMetricsSnapshot) {
    publishedItems = metrics.publishedItems
    lastEventSequence = metrics.lastEventSequence
    residentBytes = metrics.residentBytes
    cpuSeconds = metrics.cpuSeconds
    tickToEvent = metrics.tickToEvent
  }
}
