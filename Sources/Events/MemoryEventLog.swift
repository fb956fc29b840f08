internal import LockFree
package import MarketData
internal import Synchronization

/// The newest events, in memory: one writer, any number of readers that hold a cursor each.
///
/// A reader keeps its segment alive while it reads it, so that retention never takes anything from under it; a lock is taken only to move
/// from one segment to the next.
package final class MemoryEventLog: Sendable {
  /// What an event takes of a segment, on average; most take less.
  private static let eventBytes = 384

  /// Tells this log from every other: a cursor of another log means nothing here.
  package let id: String
  package let keepEvents: Int
  package let keepBytes: Int
  private let segmentEvents: Int
  private let segments: Guarded<[LogSegment]>
  private let last = Atomic<UInt64>(0)
  private let first = Atomic<UInt64>(1)
  private let goneNanos = Atomic<Int64>(.min)

  /// - Parameters:
  ///   - keepEvents: so many are kept; in memory an eighth more at most, or 16 where that is more.
  ///   - keepBytes: of memory for encoded events; where they are large, fewer than `keepEvents` are kept.
  package init(keepEvents: Int = 1_000_000, keepBytes: Int = 512 << 20, id: String? = nil) {
    self.keepEvents = max(1, keepEvents)
    self.keepBytes = max(1, keepBytes)
    // Eight segments or more fit into either bound: what goes at once is a small part of what is kept.
    segmentEvents = min(4_096, max(16, min(self.keepEvents, self.keepBytes / Self.eventBytes) / 8))
    self.id = id ?? Self.makeID()
    segments = Guarded([Self.segment(first: 1, events: segmentEvents, bytes: 0)])
  }

  private static func makeID() -> String {
    let text = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  /// - Parameter bytes: of its first event, which fits whatever its size.
  private static func segment(first: UInt64, events: Int, bytes: Int) -> LogSegment {
    LogSegment(firstSequence: first, events: events, byteCapacity: max(events * eventBytes, bytes))
  }

  /// The newest event that readers may see; 0 = none yet.
  package var lastSequence: UInt64 {
    // acquiring, pairs with `publish`'s releasing store: the event's segment is in the list.
    last.load(ordering: .acquiring)
  }

  /// The oldest event that is kept; one past the last where none is.
  package var firstSequence: UInt64 { first.load(ordering: .acquiring) }

  /// When the newest event that is no longer kept was sequenced; before all time where none is gone.
  package var newestGone: UnixNanos { UnixNanos(goneNanos.load(ordering: .acquiring)) }

  /// The segment that holds an event; nil where it is no longer, or not yet, in the log.
  package func segment(holding sequence: UInt64) -> LogSegment? {
    guard sequence >= firstSequence, sequence <= lastSequence else { return nil }
    return segments.withLock { segments in
      var low = 0
      var high = segments.count
      while high - low > 1 {
        let middle = (low + high) / 2
        if segments[middle].firstSequence <= sequence { low = middle } else { high = middle }
      }
      let segment = segments[low]
      guard sequence >= segment.firstSequence, sequence < segment.firstSequence + UInt64(segment.count) else {
        return nil
      }
      return segment
    }
  }

  /// The first kept event that was not sequenced before `time`; one past the last where there is none.
  package func firstSequence(notBefore time: UnixNanos) -> UInt64 {
    let lastSequence = lastSequence
    return segments.withLock { segments in
      for segment in segments {
        let count = segment.count
        guard count > 0, segment[count - 1].sequencedTime >= time else { continue }
        var low = 0
        var high = count - 1
        while low < high {
          let middle = (low + high) / 2
          if segment[middle].sequencedTime < time { low = middle + 1 } else { high = middle }
        }
        return max(segment.firstSequence + UInt64(low), firstSequence)
      }
      return lastSequence + 1
    }
  }

  // MARK: - The sequencer's thread

  /// Appends one event; readers see it after `publish()`.
  func append(_ entry: LogEntry, framed: [UInt8], sequence: UInt64) {
    var segment = segments.withLock { $0[$0.count - 1] }
    if segment.entries.free == 0 || segment.bytes.free < framed.count {
      publish()
      segment = Self.segment(first: sequence, events: segmentEvents, bytes: framed.count)
      let added = segment
      segments.withLock { $0.append(added) }
    }
    var entry = entry
    entry.offset = UInt32(segment.bytes.appended)
    entry.length = UInt32(framed.count)
    segment.bytes.append(contentsOf: framed)
    segment.entries.append(entry)
  }

  /// Lets readers see everything appended, and lets go of what is beyond the bounds.
  func publish() {
    let (newest, oldest, gone) = segments.withLock { segments in
      let current = segments[segments.count - 1]
      current.bytes.publish()
      current.entries.publish()
      let newest = current.firstSequence + UInt64(current.count) - 1
      var bytes = segments.reduce(0) { $0 + $1.bytes.capacity }
      var gone: UnixNanos?
      // A whole segment goes when the others alone hold enough, or when all together take too much.
      while segments.count > 1,
        newest + 1 - segments[1].firstSequence >= UInt64(keepEvents) || bytes > keepBytes
      {
        bytes -= segments[0].bytes.capacity
        let removed = segments.removeFirst()
        if removed.count > 0 { gone = removed[removed.count - 1].sequencedTime }
      }
      let kept = newest >= UInt64(keepEvents) ? newest - UInt64(keepEvents) + 1 : 1
      let oldest = max(segments[0].firstSequence, kept)
      if oldest > segments[0].firstSequence {
        gone = segments[0][Int(oldest - 1 - segments[0].firstSequence)].sequencedTime
      }
      return (newest, oldest, gone)
    }
    if let gone { goneNanos.store(gone.nanoseconds, ordering: .releasing) }
    // The first before the last: a reader never sees a range that has a hole in it.
    first.store(oldest, ordering: .releasing)
    last.store(newest, ordering: .releasing)
  }
}
