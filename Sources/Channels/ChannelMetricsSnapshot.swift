package import LockFree

// The values of metrics.proto, as one moment's copy. Names and meanings: contract.md, "metrics.proto".

package enum ChannelState: UInt8, CaseIterable, Sendable {
  case starting = 1
  case running = 2
  case paused = 3
  case draining = 4
  case stopped = 5
  case failed = 6
}

package enum Health: UInt8, CaseIterable, Sendable {
  case healthy = 1
  case degraded = 2
  case unhealthy = 3
}

package enum BreakerState: UInt8, CaseIterable, Sendable {
  case closed = 1
  case open = 2
  case halfOpen = 3
}

package struct ChannelMetricsSnapshot: Equatable, Sendable {
  package var channel = ""
  package var type = ChannelType.tick
  package var state = ChannelState.running
  package var health = Health.healthy
  package var breaker = BreakerState.closed
  package var received: UInt64 = 0
  package var processed: UInt64 = 0
  package var failed: UInt64 = 0
  package var dropped: UInt64 = 0
  package var late: UInt64 = 0
  package var events: UInt64 = 0
  package var batches: UInt64 = 0
  package var breakerOpens: UInt64 = 0
  package var failovers: UInt64 = 0
  package var ringCapacity: UInt64 = 0
  package var ringDepth: UInt64 = 0
  package var ringHighWater: UInt64 = 0
  package var itemsPerSecond = 0.0
  package var meanBatch = 0.0
  package var queueLatency = LatencySummary()
  package var processingLatency = LatencySummary()
  package var symbols: UInt64 = 0
  package var healthReasons: [String] = []
  package var quarantined: UInt64 = 0
  package var revised: UInt64 = 0
  package var stale: UInt64 = 0
  package var lowConfidence: UInt64 = 0
  package var outOfSession: UInt64 = 0
  package var restarts: UInt64 = 0
  package var errorRate = 0.0
  package var stateSinceNanos: Int64 = 0
  package var configVersion: UInt32 = 1

  package init() {}
}

package struct RouterMetricsSnapshot: Equatable, Sendable {
  package struct Share: Equatable, Sendable {
    package var channel: String
    package var items: UInt64
    package var symbols: UInt64

    package init(channel: String, items: UInt64, symbols: UInt64) {
      self.channel = channel
      self.items = items
      self.symbols = symbols
    }
  }

  package struct FailureCount: Equatable, Sendable {
    package var cause: String
    package var count: UInt64

    package init(cause: String, count: UInt64) {
      self.cause = cause
      self.count = count
    }
  }

  package var routed: UInt64 = 0
  package var placements: UInt64 = 0
  package var moves: UInt64 = 0
  package var failures: UInt64 = 0
  package var shares: [Share] = []
  package var failuresByCause: [FailureCount] = []

  package init() {}
}
