internal import LockFree

/// What one event loop counts. The loop writes, anyone reads.
final class LoopMeters: Sendable {
  /// Items accepted into a ring, or about to be.
  let publishedItems = SingleWriterCounter()
  let rejectedItems = SingleWriterCounter()
  /// Ingest to handed to the socket, of live subscribers on this loop.
  let tickToEvent = LatencyHistogram()
}
