internal import CMalloc
internal import MarketData

/// Decides when freed memory goes back to the system. glibc keeps what was freed between pieces that are still used, in each thread's arena: a crowd of
/// connections that has gone would leave tens of megabytes resident for good.
///
/// Pure: the caller tells what is held and does what is asked.
struct HeapTrim {
  /// Less than this is not worth a walk through the heaps, during which threads that allocate wait.
  static let surplusMin = 8 << 20
  static let restNanos: Int64 = 5_000_000_000
  /// What a connection may have taken beside what the budget counts.
  static let connectionBytes = 64 << 10

  private var most = 0
  private var last: MonotonicNanos?

  /// - Returns: whether to trim now: much less is held than at the most since the last time.
  mutating func isDue(pendingBytes: Int, connections: Int, now: MonotonicNanos) -> Bool {
    let held = max(0, pendingBytes) + max(0, connections) * Self.connectionBytes
    most = max(most, held)
    guard most - held >= Self.surplusMin else { return false }
    if let last, now.nanoseconds - last.nanoseconds < Self.restNanos { return false }
    most = held
    last = now
    return true
  }

  /// Gives the free pages of all arenas back.
  static func trim() { malloc_trim(0) }
}
