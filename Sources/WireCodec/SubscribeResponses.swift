package import Events
package import MarketData

/// Writes `SubscribeResponse` messages around events that are already encoded.
package enum SubscribeResponses {
  /// - Parameter framed: events as the log keeps them: each with the tag and length that `EventBatch` wants.
  package static func events(framed: [UInt8], subscriptionID: String) -> [UInt8] {
    var writer = WireWriter(reserving: framed.count + subscriptionID.utf8.count + 16)
    writer.raw(1, framed)
    writer.text(10, subscriptionID)
    return writer.bytes
  }

  package static func missed(
    first: UInt64, last: UInt64, reason: Subscription.MissedReason, subscriptionID: String
  ) -> [UInt8] {
    var writer = WireWriter()
    writer.message(2) { inner in
      inner.unsigned(1, first)
      inner.unsigned(2, last)
      inner.enumeration(3, reason.rawValue)
    }
    writer.text(10, subscriptionID)
    return writer.bytes
  }

  package static func heartbeat(
    last: UInt64, serverTime: UnixNanos, watermark: UnixNanos, logID: String, subscriptionID: String
  ) -> [UInt8] {
    var writer = WireWriter()
    writer.message(3) { inner in
      inner.unsigned(1, last)
      inner.fixed(2, serverTime.nanoseconds)
      inner.fixed(3, watermark.nanoseconds)
      inner.text(4, logID)
    }
    writer.text(10, subscriptionID)
    return writer.bytes
  }

  package static func caughtUp(last: UInt64, logID: String, subscriptionID: String) -> [UInt8] {
    var writer = WireWriter()
    writer.message(4) { inner in
      inner.unsigned(1, last)
      inner.text(2, logID)
    }
    writer.text(10, subscriptionID)
    return writer.bytes
  }
}
