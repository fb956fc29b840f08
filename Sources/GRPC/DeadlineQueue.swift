internal import struct MarketData.MonotonicNanos

/// Deadlines of open calls, earliest first. Ended calls leave their entry behind (weakly held) until it comes up or half of all are stale.
///
/// - Cost: O(log n) to add, O(1) for the next. Not thread-safe.
struct DeadlineQueue<Call: AnyObject> {
  private struct Entry {
    var deadline: MonotonicNanos
    weak var call: Call?
  }

  private var heap: [Entry] = []
  private var stale = 0

  init() {}

  var next: MonotonicNanos? { heap.first?.deadline }

  mutating func add(_ call: Call, _ deadline: MonotonicNanos) {
    heap.append(Entry(deadline: deadline, call: call))
    siftUp(heap.count - 1)
  }

  /// An added call has ended. `isActive` tells which entries still matter when it is time to sweep.
  mutating func markStale(_ isActive: (Call) -> Bool) {
    stale += 1
    guard stale > 64, stale * 2 > heap.count else { return }
    heap.removeAll { entry in entry.call.map { !isActive($0) } ?? true }
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
    stale = 0
  }

  /// A call whose deadline is not after `now`; entries of vanished calls go by the way.
  mutating func popExpired(_ now: MonotonicNanos) -> Call? {
    while let first = heap.first, first.deadline <= now {
      heap.swapAt(0, heap.count - 1)
      heap.removeLast()
      siftDown(0)
      if let call = first.call { return call }
    }
    return nil
  }

  private mutating func siftUp(_ start: Int) {
    var index = start
    while index > 0, heap[index].deadline < heap[(index - 1) / 2].deadline {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  private mutating func siftDown(_ start: Int) {
    var index = start
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2]
      where child < heap.count && heap[child].deadline < heap[least].deadline { least = child }
      if least == index { return }
      heap.swapAt(index, least)
      index = least
    }
  }
}
