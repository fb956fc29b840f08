package import Events
internal import MarketData

/// What one publish stream has taken, what its channels have finished, and so what may be acknowledged.
///
/// A *read* is the run of requests between two markers. A marker goes into every channel that the read's items touched; the read is done when
/// all of them have come out of the sequencer. Reads are acknowledged in order, so `acked` only rises. Pure bookkeeping: no I/O, no clock.
/// - Cost: O(1) a request and a marker. Memory: one entry a read in flight.
/// - Source: contract.md, `PublishResponse`; architecture.md, "The way of one tick", 7.
package struct AcknowledgementLedger {
  /// No response raises `acked_sequence` by more requests than this.
  package static let requestsPerResponse = 1_024

  /// Items, running totals of the stream.
  package struct Totals: Equatable, Sendable {
    package var accepted: UInt64 = 0
    package var rejected: UInt64 = 0
    package var duplicates: UInt64 = 0
    package var finished = ItemTally()
  }

  private struct Read {
    var upTo: UInt64
    var requests: Int
    /// Markers that came out. They may overtake `expected`: a blocked read's first channels finish before its last ones are reached.
    var arrived = 0
    /// Markers that were put in; nil while the read is still being pushed.
    var expected: Int?

    var isDone: Bool { expected == arrived }
  }

  package private(set) var totals = Totals()
  /// Every request up to this one has been processed.
  package private(set) var acked: UInt64 = 0
  /// The requests taken since the last `closeRead()`.
  package private(set) var requestsInOpenRead = 0
  private var openUpTo: UInt64 = 0
  private var reads: [Read] = []
  /// Where the oldest read in flight stands in `reads`.
  private var first = 0
  /// The number of the read at `first`.
  private var firstNumber: UInt64 = 0
  private var changed = false

  package init(resumingAt acked: UInt64 = 0) {
    self.acked = acked
    self.openUpTo = acked
  }

  /// Whether everything taken has been processed; the last responses may still be unsent.
  package var isSettled: Bool { requestsInOpenRead == 0 && first == reads.count }

  package var readsInFlight: Int { reads.count - first }

  /// Whether a response would tell anything new.
  package var hasNews: Bool { changed || (first < reads.count && reads[first].isDone) }

  /// Notes one request: its number and what became of its items at the door.
  package mutating func take(sequence: UInt64, accepted: Int, rejected: Int, duplicates: Int = 0) {
    openUpTo = max(openUpTo, sequence)
    requestsInOpenRead += 1
    totals.accepted &+= UInt64(accepted)
    totals.rejected &+= UInt64(rejected)
    totals.duplicates &+= UInt64(duplicates)
    if rejected > 0 || duplicates > 0 { changed = true }
  }

  /// Ends the current read; its markers carry the returned number.
  package mutating func closeRead() -> UInt64 {
    let number = firstNumber &+ UInt64(reads.count - first)
    reads.append(Read(upTo: openUpTo, requests: requestsInOpenRead))
    requestsInOpenRead = 0
    return number
  }

  /// Notes how many markers the read `number` sent through the channels; 0 = it touched none.
  package mutating func pushed(read number: UInt64, markers: Int) {
    guard let index = index(of: number) else { return }
    reads[index].expected = markers
  }

  /// Notes a marker that came out of the sequencer.
  package mutating func markerOut(read number: UInt64, tally: ItemTally) {
    totals.finished.late &+= tally.late
    totals.finished.quarantined &+= tally.quarantined
    totals.finished.outOfSession &+= tally.outOfSession
    totals.finished.dropped &+= tally.dropped
    if tally != ItemTally() { changed = true }
    guard let index = index(of: number) else { return }
    reads[index].arrived += 1
  }

  /// Moves `acked` over finished reads, by at most `requestsPerResponse` requests, and says whether there is anything to tell.
  package mutating func advance() -> Bool {
    var requests = 0
    while first < reads.count, reads[first].isDone,
      requests == 0 || requests + reads[first].requests <= Self.requestsPerResponse
    {
      requests += reads[first].requests
      acked = max(acked, reads[first].upTo)
      first += 1
      firstNumber &+= 1
      changed = true
    }
    if first == reads.count || first >= 1_024 {
      reads.removeFirst(first)
      first = 0
    }
    defer { changed = false }
    return changed
  }

  private func index(of number: UInt64) -> Int? {
    let offset = number &- firstNumber
    guard offset < UInt64(reads.count - first) else { return nil }
    return first + Int(offset)
  }
}
