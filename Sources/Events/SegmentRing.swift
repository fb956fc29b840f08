/// The segments of a log in their order: taken away at the front and added at the back without moving the others.
struct SegmentRing: Sendable {
  private var slots: [LogSegment?] = [nil, nil]
  private var head = 0
  private(set) var count = 0

  /// - Precondition: `index` is from 0 to `count` - 1.
  subscript(index: Int) -> LogSegment? { slots[(head + index) & (slots.count - 1)] }

  mutating func append(_ segment: LogSegment) {
    if count == slots.count {
      slots = (0..<count).map { self[$0] } + Array(repeating: nil, count: count)
      head = 0
    }
    slots[(head + count) & (slots.count - 1)] = segment
    count += 1
  }

  mutating func removeFirst() -> LogSegment? {
    guard count > 0 else { return nil }
    let first = slots[head]
    slots[head] = nil
    head = (head + 1) & (slots.count - 1)
    count -= 1
    return first
  }

  /// The number of segments at the front of which `isBefore` holds; it holds of none behind the first of which it does not.
  func partition(where isBefore: (LogSegment) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if let segment = self[middle], isBefore(segment) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
