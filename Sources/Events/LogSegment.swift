internal import LockFree
package import MarketData

/// What filters need to know of one event, and where its bytes lie.
package struct LogEntry: BitwiseCopyable, Sendable {
  package var offset: UInt32
  /// Of the bytes, tag and length included.
  package var length: UInt32
  package var symbol: SymbolID
  package var channel: UInt16
  package var type: EventType
  package var direction: Direction
  package var session: TradingSession
  package var significance: Double
  package var sequencedTime: UnixNanos
  package var receivedTime: UnixNanos
}

/// A run of the event log: entries and encoded bytes that are appended by the sequencer and read by anyone, then never change.
///
/// Each event lies ready for an `EventBatch`: tag 0x0A, length, bytes; so a response is a header and a copy.
package final class LogSegment: Sendable {
  package let firstSequence: UInt64
  let entries: AppendOnlyBuffer<LogEntry>
  let bytes: AppendOnlyBuffer<UInt8>

  init(firstSequence: UInt64, events: Int, byteCapacity: Int) {
    self.firstSequence = firstSequence
    entries = AppendOnlyBuffer(capacity: events)
    bytes = AppendOnlyBuffer(capacity: byteCapacity)
  }

  /// Events that readers may look at.
  package var count: Int { entries.count }

  package subscript(index: Int) -> LogEntry { entries[index] }

  /// Copies an event's bytes, ready for an `EventBatch`, to the end of an array.
  package func copy(_ entry: LogEntry, to array: inout [UInt8]) {
    bytes.copy(Int(entry.offset)..<Int(entry.offset) + Int(entry.length), to: &array)
  }
}
