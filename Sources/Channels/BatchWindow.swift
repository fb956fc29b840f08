internal import MarketData

/// What became of the batches of the last seconds: a ring of one-second slots and their sums.
///
/// - Covers: the current second, as far as it has gone, and the full seconds before it.
/// - Cost: O(1); at the first use in a second O(seconds passed), at most the number of slots. The slots are allocated once, here.
struct BatchWindow: Sendable {
  struct Counts: BitwiseCopyable, Equatable, Sendable {
    var batches: UInt32 = 0
    var failed: UInt32 = 0
    var slow: UInt32 = 0
  }

  private static let slotNanos: Int64 = 1_000_000_000

  private var slots: [Counts]
  /// The slots' sums: 32 bits hold an hour at a million batches a second.
  private(set) var sums = Counts()
  /// The second of the newest slot, counted as the clock counts.
  private var newest: Int64 = 0

  var seconds: Int { slots.count }

  /// - Parameter nanos: whole seconds, at least one.
  init(nanos: Int64) {
    slots = Array(repeating: Counts(), count: Int(max(1, nanos / Self.slotNanos)))
  }

  mutating func add(isFailed: Bool, isSlow: Bool, at time: MonotonicNanos) {
    advance(to: time)
    let slot = index(of: newest)
    slots[slot].batches += 1
    sums.batches += 1
    if isFailed {
      slots[slot].failed += 1
      sums.failed += 1
    }
    if isSlow {
      slots[slot].slow += 1
      sums.slow += 1
    }
  }

  /// Forgets batches older than the window. A time before the newest slot counts in that slot, since batches may end out of order.
  mutating func advance(to time: MonotonicNanos) {
    let second = time.nanoseconds / Self.slotNanos
    guard second > newest else { return }
    guard second - newest < Int64(slots.count) else {
      forget()
      newest = second
      return
    }
    while newest < second {
      newest += 1
      let slot = index(of: newest)
      sums.batches -= slots[slot].batches
      sums.failed -= slots[slot].failed
      sums.slow -= slots[slot].slow
      slots[slot] = Counts()
    }
  }

  mutating func forget() {
    guard sums != Counts() else { return }
    sums = Counts()
    for slot in slots.indices { slots[slot] = Counts() }
  }

  private func index(of second: Int64) -> Int { Int(second % Int64(slots.count)) }
}
