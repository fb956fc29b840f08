internal import LockFree
package import MarketData
internal import Synchronization

/// The newest events, in memory: one writer, any number of readers that hold a cursor each.
///
/// A reader keeps its segment alive while it reads it, so that retention never takes anything from under it. The lock is taken by readers to
/// find a segment, and by the writer to add or remove one; events of the newest segment are appended and published without it.
package final class MemoryEventLog: @unchecked Sendable {
  // @unchecked: `current`, `oldest`, `second` and `heldBytes` belong to the thread that appends; all else is atomic, locked or constant.

  /// What an event takes of a segment, on average; most take less.
  private static let eventBytes = 384
  /// Segments that one `publish` lets go of: as long as it is more than one, the log shrinks to its bounds in time.
  private static let removedAtOnce = 4

  /// Tells this log from every other: a cursor of another log means nothing here.
  package let id: String
  package let keepEvents: Int
  package let keepBytes: Int
  private let segmentEvents: Int
  private let segments: Guarded<SegmentRing>
  private let last = Atomic<UInt64>(0)
  private let first = Atomic<UInt64>(1)
  private let goneNanos = Atomic<Int64>(.min)

  /// The segment that events are appended to.
  private var current: LogSegment
  /// The first segment that is kept, and the one behind it.
  private var oldest: LogSegment
  private var second: LogSegment?
  /// Memory for encoded events, over all segments.
  private var heldBytes: Int

  /// - Parameters:
  ///   - keepEvents: so many are kept; in memory an eighth more at most, or 16 where that is more.
  ///   - keepBytes: of memory for encoded events; where they are large, fewer than `keepEvents` are kept.
  ///   - segmentEvents: for tests; nil = as fits the bounds.
  package init(
    keepEvents: Int = 1_000_000, keepBytes: Int = 512 << 20, id: String? = nil, segmentEvents: Int? = nil
  ) {
    self.keepEvents = max(1, keepEvents)
    self.keepBytes = max(1, keepBytes)
    // Eight segments or more fit into either bound: what goes at once is a small part of what is kept.
    self.segmentEvents =
      segmentEvents ?? min(4_096, max(16, min(self.keepEvents, self.keepBytes / Self.eventBytes) / 8))
    self.id = id ?? Self.makeID()
    let segment = Self.segment(first: 1, events: self.segmentEvents, bytes: 0)
    current = segment
    oldest = segment
    heldBytes = segment.byteCapacity
    var ring = SegmentRing()
    ring.append(segment)
    segments = Guarded(ring)
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
    let found = segments.withLock { segments in
      let behind = segments.partition { $0.firstSequence <= sequence }
      return behind > 0 ? segments[behind - 1] : nil
    }
    guard let found, sequence < found.firstSequence + UInt64(found.count) else { return nil }
    return found
  }

  /// The first kept event that was not sequenced before `time`; one past the last where there is none.
  package func firstSequence(notBefore time: UnixNanos) -> UInt64 {
    let lastSequence = lastSequence
    let found = segments.withLock { segments in
      let index = segments.partition { $0.count > 0 && $0[$0.count - 1].sequencedTime < time }
      return index < segments.count ? segments[index] : nil
    }
    guard let segment = found else { return lastSequence + 1 }
    var low = 0
    var high = segment.count
    while low < high {
      let middle = (low + high) / 2
      if segment[middle].sequencedTime < time { low = middle + 1 } else { high = middle }
    }
    return max(segment.firstSequence + UInt64(low), firstSequence)
  }

  // MARK: - The sequencer's thread

  /// Appends one event; readers see it after `publish()`.
  func append(_ entry: LogEntry, framed: [UInt8], sequence: UInt64) {
    if !current.hasRoom(forBytes: framed.count) {
      publish()
      current.seal()
      let segment = Self.segment(first: sequence, events: segmentEvents, bytes: framed.count)
      segments.withLock { $0.append(segment) }
      heldBytes += segment.byteCapacity
      if second == nil { second = segment }
      current = segment
    }
    current.append(entry, framed: framed)
  }

  /// Lets readers see everything appended, and lets go of what is beyond the bounds.
  /// - Cost: O(1), however many segments there are.
  func publish() {
    current.publish()
    let newest = current.firstSequence + UInt64(current.count) - 1
    var removed: [LogSegment] = []
    // A whole segment goes when the others alone hold enough, or when all together take too much.
    while let next = second, removed.count < Self.removedAtOnce,
      newest + 1 - next.firstSequence >= UInt64(keepEvents) || heldBytes > keepBytes
    {
      removed.append(oldest)
      heldBytes -= oldest.byteCapacity
      oldest = next
      // The ring still holds what goes: it goes once readers know that it does.
      let behind = removed.count + 1
      second = segments.withLock { behind < $0.count ? $0[behind] : nil }
    }
    let kept = newest >= UInt64(keepEvents) ? newest - UInt64(keepEvents) + 1 : 1
    let oldestKept = max(oldest.firstSequence, kept)
    if let gone = newestGone(before: oldestKept, removed.last) {
      goneNanos.store(gone.nanoseconds, ordering: .releasing)
    }
    // The first before the last: a reader never sees a range that has a hole in it.
    first.store(oldestKept, ordering: .releasing)
    last.store(newest, ordering: .releasing)
    if !removed.isEmpty { segments.withLock { for _ in removed { _ = $0.removeFirst() } } }
    // What no reader holds is freed here, behind the lock.
  }

  private func newestGone(before oldestKept: UInt64, _ removed: LogSegment?) -> UnixNanos? {
    if oldestKept > oldest.firstSequence {
      return oldest[Int(oldestKept - 1 - oldest.firstSequence)].sequencedTime
    }
    guard let removed, removed.count > 0 else { return nil }
    return removed[removed.count - 1].sequencedTime
  }
}
