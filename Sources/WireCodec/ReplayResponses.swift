package import MarketData

/// What a replay has found.
package struct ReplaySummary: Equatable, Sendable {
  package struct Key: Hashable, Sendable {
    package var type: EventType
    package var symbol: String

    package init(type: EventType, symbol: String) {
      self.type = type
      self.symbol = symbol
    }
  }

  package private(set) var counts: [Key: UInt64] = [:]
  /// All together.
  package private(set) var events: UInt64 = 0
  /// 32 bytes (`EventDigest`).
  package var digest: [UInt8] = []

  package init() {}

  package mutating func count(_ type: EventType, _ symbol: String) {
    counts[Key(type: type, symbol: symbol), default: 0] += 1
    events += 1
  }

  /// By type, then by symbol.
  package var sorted: [(key: Key, count: UInt64)] {
    counts.map { ($0.key, $0.value) }.sorted { ($0.0.type.rawValue, $0.0.symbol) < ($1.0.type.rawValue, $1.0.symbol) }
  }
}

/// Writes `ReplayResponse` messages.
package enum ReplayResponses {
  /// - Parameter framed: events, each with the tag and length that `EventBatch` wants.
  package static func events(framed: [UInt8]) -> [UInt8] {
    var writer = WireWriter(reserving: framed.count + 8)
    writer.raw(1, framed)
    return writer.bytes
  }

  package static func ack(_ acknowledgement: Acknowledgement) -> [UInt8] {
    var writer = WireWriter()
    writer.raw(2, acknowledgement.encoded)
    return writer.bytes
  }

  package static func summary(_ summary: ReplaySummary) -> [UInt8] {
    var writer = WireWriter()
    writer.message(3) { inner in
      for (key, count) in summary.sorted {
        inner.message(1) { entry in
          entry.enumeration(1, key.type.rawValue)
          entry.text(2, key.symbol)
          entry.unsigned(3, count)
        }
      }
      inner.raw(2, summary.digest)
    }
    return writer.bytes
  }
}
