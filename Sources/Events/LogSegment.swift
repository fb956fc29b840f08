internal import LockFree
package import MarketData
internal import Synchronization

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
package final class LogSegment: @unchecked Sendable {
  // @unchecked: `contents` is written by the sequencer's thread before `seal`, and read by others behind `summary`'s look at `isSealed`.

  package let firstSequence: UInt64
  private let entries: AppendOnlyBuffer<LogEntry>
  private let bytes: AppendOnlyBuffer<UInt8>
  private var contents: SegmentSummary
  private let isSealed = Atomic<Bool>(false)

  init(firstSequence: UInt64, events: Int, byteCapacity: Int) {
    self.firstSequence = firstSequence
    entries = AppendOnlyBuffer(capacity: events)
    bytes = AppendOnlyBuffer(capacity: byteCapacity)
    contents = SegmentSummary(events: events)
  }

  /// Events that readers may look at.
  package var count: Int { entries.count }

  /// Memory for encoded events.
  var byteCapacity: Int { bytes.capacity }

  package subscript(index: Int) -> LogEntry { entries[index] }

  /// What the segment holds; nil while events are still appended to it.
  var summary: SegmentSummary? {
    // acquiring, pairs with `seal`'s releasing store: nobody writes the summary any more, and all of it is visible.
    isSealed.load(ordering: .acquiring) ? contents : nil
  }

  /// Copies an event's bytes, ready for an `EventBatch`, to the end of an array.
  package func copy(_ entry: LogEntry, to array: inout [UInt8]) {
    bytes.copy(Int(entry.offset)..<Int(entry.offset) + Int(entry.length), to: &array)
  }

  // MARK: - The sequencer's thread

  func hasRoom(forBytes count: Int) -> Bool { entries.free > 0 && bytes.free >= count }

  func append(_ entry: LogEntry, framed: [UInt8]) {
    var entry = entry
    entry.offset = UInt32(bytes.appended)
    entry.length = UInt32(framed.count)
    bytes.append(contentsOf: framed)
    entries.append(entry)
    contents.add(entry)
  }

  /// Lets readers see what was appended.
  func publish() {
    bytes.publish()
    entries.publish()
  }

  /// Nothing is appended any more, and all of it is published.
  func seal() { isSealed.store(true, ordering: .releasing) }
}
