/// A reader's way into the log: the segment that it looked at last, so that only the step to another one is searched for.
///
/// One for each thread that reads, shared by its subscriptions: those that are up to date all read the same segment, and one that stands still
/// keeps none of them in memory.
package final class LogReader {
  package let log: MemoryEventLog
  private var held: LogSegment?

  package init(_ log: MemoryEventLog) { self.log = log }

  /// The segment that holds an event; nil where it is no longer, or not yet, in the log.
  func segment(holding sequence: UInt64) -> LogSegment? {
    if let held, sequence >= held.firstSequence, sequence - held.firstSequence < UInt64(held.count) { return held }
    held = log.segment(holding: sequence)
    return held
  }
}
