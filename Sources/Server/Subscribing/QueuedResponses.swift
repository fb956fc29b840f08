/// Where in a stream's bytes each response with events ends that may not have left yet, and the last event in it: so that a stream which is cut
/// ends at a whole message, and tells the last event that its client gets.
struct QueuedResponses {
  private var ends: [(offset: Int, last: UInt64)] = []
  private var offset = 0
  /// The last event of those responses that have left.
  private var lastOut: UInt64 = 0

  /// - Parameters:
  ///   - bytes: of the message as it stands in the stream.
  ///   - queued: all that is queued now, this message included.
  ///   - last: the last event sent by now.
  mutating func note(bytes: Int, queued: Int, last: UInt64) {
    offset += bytes
    dropLeft(upTo: offset - queued)
    ends.append((offset, last))
  }

  /// - Parameters:
  ///   - queued: bytes that are queued.
  ///   - committed: of these, at the head, promised to a frame.
  /// - Returns: how many bytes at the head have to stay, so that the client gets whole messages, and the last event in what it gets.
  mutating func cut(queued: Int, committed: Int) -> (keep: Int, last: UInt64) {
    let out = offset - queued
    dropLeft(upTo: out)
    // Nothing of what is queued has begun to leave.
    let begun = out + committed
    if begun == lastEnd { return (0, lastOut) }
    guard let whole = ends.first(where: { $0.offset >= begun }) else { return (0, lastOut) }
    return (whole.offset - out, whole.last)
  }

  /// Where the last response ends that has left whole.
  private var lastEnd = 0

  private mutating func dropLeft(upTo out: Int) {
    var gone = 0
    while gone < ends.count, ends[gone].offset <= out { gone += 1 }
    guard gone > 0 else { return }
    lastOut = ends[gone - 1].last
    lastEnd = ends[gone - 1].offset
    ends.removeFirst(gone)
  }
}
