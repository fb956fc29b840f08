internal import Channels
internal import LockFree

extension MetricsSnapshot {
  /// One `MetricsSnapshot` message.
  package var encoded: [UInt8] {
    var writer = WireWriter(reserving: 1_024)
    encode(&writer)
    return writer.bytes
  }

  func encode(_ writer: inout WireWriter) {
    writer.fixed(1, timestampNanos)
    for channel in channels { writer.message(2) { channel.encode(&$0) } }
    writer.message(3) { server.encode(&$0) }
    writer.message(4) { router.encode(&$0) }
  }
}

extension LatencySummary {
  fileprivate func encode(_ writer: inout WireWriter) {
    writer.unsigned(1, count)
    writer.unsigned(2, p50)
    writer.unsigned(3, p90)
    writer.unsigned(4, p99)
    writer.unsigned(5, p999)
    writer.unsigned(6, max)
    writer.unsigned(7, sum)
  }
}

extension ChannelMetricsSnapshot {
  func encode(_ writer: inout WireWriter) {
    writer.text(1, channel)
    writer.enumeration(2, type.rawValue)
    writer.enumeration(3, state.rawValue)
    writer.enumeration(4, health.rawValue)
    writer.enumeration(5, breaker.rawValue)
    let counters = [
      received, processed, failed, dropped, late, events, batches, breakerOpens, failovers, ringCapacity, ringDepth,
      ringHighWater,
    ]
    for (offset, value) in counters.enumerated() { writer.unsigned(6 + offset, value) }
    writer.double(18, itemsPerSecond)
    writer.double(19, meanBatch)
    writer.message(20) { queueLatency.encode(&$0) }
    writer.message(21) { processingLatency.encode(&$0) }
    writer.unsigned(22, symbols)
    for reason in healthReasons { writer.alwaysText(23, reason) }
    for (offset, value) in [quarantined, stale, lowConfidence, outOfSession, restarts].enumerated() {
      writer.unsigned(24 + offset, value)
    }
    writer.double(29, errorRate)
    writer.fixed(30, stateSinceNanos)
    writer.unsigned(31, UInt64(configVersion))
    writer.unsigned(32, revised)
  }
}

extension ServerMetricsSnapshot {
  fileprivate func encode(_ writer: inout WireWriter) {
    let counters = [
      connections, streams, subscribers, publishedItems, rejectedItems, lastEventSequence, eventStoreLag, residentBytes,
      uptimeNanos, bytesIn, bytesOut,
    ]
    for (offset, value) in counters.enumerated() { writer.unsigned(1 + offset, value) }
    writer.message(12) { tickToEvent.encode(&$0) }
    writer.double(13, cpuSeconds)
    for part in pending {
      writer.message(14) { inner in
        inner.text(1, part.owner)
        inner.unsigned(2, part.bytes)
      }
    }
    writer.unsigned(15, pendingLimit)
    for ended in endedConnections {
      writer.message(16) { inner in
        inner.text(1, ended.reason)
        inner.unsigned(2, ended.count)
      }
    }
  }
}

extension RouterMetricsSnapshot {
  func encode(_ writer: inout WireWriter) {
    for (offset, value) in [routed, placements, moves, failures].enumerated() { writer.unsigned(1 + offset, value) }
    for share in shares {
      writer.message(5) { inner in
        inner.text(1, share.channel)
        inner.unsigned(2, share.items)
        inner.unsigned(3, share.symbols)
      }
    }
    for failure in failuresByCause {
      writer.message(6) { inner in
        inner.text(1, failure.cause)
        inner.unsigned(2, failure.count)
      }
    }
  }
}
