internal import CPenstockProto
internal import Channels
internal import LockFree

// Metrics as a client reads them. Values of enumerations that are unknown here, of a newer server, read as the first.

extension MetricsSnapshot {
  init(_ message: Penstock__V1__MetricsSnapshot) {
    self.init()
    timestampNanos = message.timestamp_ns
    channels = (0..<message.n_channels).compactMap { index in
      message.channels[index].map { ChannelMetricsSnapshot($0.pointee) }
    }
    if let found = message.server { server = ServerMetricsSnapshot(found.pointee) }
    if let found = message.router { router = RouterMetricsSnapshot(found.pointee) }
  }
}

extension LatencySummary {
  fileprivate init(_ message: UnsafePointer<Penstock__V1__LatencySummary>?) {
    self.init()
    guard let message = message?.pointee else { return }
    count = message.count
    p50 = message.p50_ns
    p90 = message.p90_ns
    p99 = message.p99_ns
    p999 = message.p999_ns
    max = message.max_ns
    sum = message.sum_ns
  }
}

extension ChannelMetricsSnapshot {
  init(_ message: Penstock__V1__ChannelMetrics) {
    self.init()
    channel = swiftText(message.channel)
    type = Self.enumeration(message.type.rawValue, .tick)
    state = Self.enumeration(message.state.rawValue, .starting)
    health = Self.enumeration(message.health.rawValue, .healthy)
    breaker = Self.enumeration(message.breaker.rawValue, .closed)
    received = message.received
    processed = message.processed
    failed = message.failed
    dropped = message.dropped
    late = message.late
    events = message.events
    batches = message.batches
    breakerOpens = message.breaker_opens
    failovers = message.failovers
    ringCapacity = message.ring_capacity
    ringDepth = message.ring_depth
    ringHighWater = message.ring_high_water
    itemsPerSecond = message.items_per_second
    meanBatch = message.mean_batch
    queueLatency = LatencySummary(message.queue_latency)
    processingLatency = LatencySummary(message.processing_latency)
    symbols = message.symbols
    healthReasons = (0..<message.n_health_reasons).map { swiftText(message.health_reasons[$0]) }
    quarantined = message.quarantined
    stale = message.stale
    revised = message.revised
    lowConfidence = message.low_confidence
    outOfSession = message.out_of_session
    restarts = message.restarts
    errorRate = message.error_rate
    stateSinceNanos = message.state_since_ns
    configVersion = message.config_version
  }

  private static func enumeration<E: RawRepresentable<UInt8>>(_ value: UInt32, _ first: E) -> E {
    UInt8(exactly: value).flatMap { E(rawValue: $0) } ?? first
  }
}

extension ServerMetricsSnapshot {
  init(_ message: Penstock__V1__ServerMetrics) {
    self.init()
    connections = message.connections
    streams = message.streams
    subscribers = message.subscribers
    publishedItems = message.published_items
    rejectedItems = message.rejected_items
    lastEventSequence = message.last_event_sequence
    eventStoreLag = message.event_store_lag
    residentBytes = message.resident_bytes
    uptimeNanos = message.uptime_ns
    bytesIn = message.bytes_in
    bytesOut = message.bytes_out
    tickToEvent = LatencySummary(message.tick_to_event)
    cpuSeconds = message.cpu_seconds
    pending = (0..<message.n_pending).compactMap { index in
      message.pending[index].map { PendingBytes(owner: swiftText($0.pointee.owner), bytes: $0.pointee.bytes) }
    }
    pendingLimit = message.pending_limit
    endedConnections = (0..<message.n_ended_connections).compactMap { index in
      message.ended_connections[index].map {
        EndedConnections(reason: swiftText($0.pointee.reason), count: $0.pointee.count)
      }
    }
  }
}

extension RouterMetricsSnapshot {
  init(_ message: Penstock__V1__RouterMetrics) {
    self.init()
    routed = message.routed
    placements = message.placements
    moves = message.moves
    failures = message.failures
    shares = (0..<message.n_shares).compactMap { index in
      message.shares[index].map {
        Share(channel: swiftText($0.pointee.channel), items: $0.pointee.items, symbols: $0.pointee.symbols)
      }
    }
    failuresByCause = (0..<message.n_failures_by_cause).compactMap { index in
      message.failures_by_cause[index].map {
        FailureCount(cause: swiftText($0.pointee.cause), count: $0.pointee.count)
      }
    }
  }
}
