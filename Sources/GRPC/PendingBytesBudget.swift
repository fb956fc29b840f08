internal import Synchronization

/// How many bytes of unfinished messages the whole process may hold (`limits.pending_bytes`). Shared by all event loops.
package final class PendingBytesBudget: Sendable {
  package let limit: Int
  // relaxed throughout: a plain sum that publishes nothing.
  private let used = Atomic<Int>(0)

  package init(limit: Int) { self.limit = limit }

  package var usedBytes: Int { used.load(ordering: .relaxed) }

  /// Takes `bytes` if they fit; false leaves everything as it was.
  func reserve(_ bytes: Int) -> Bool {
    let after = used.wrappingAdd(bytes, ordering: .relaxed).newValue
    if after <= limit { return true }
    used.wrappingSubtract(bytes, ordering: .relaxed)
    return false
  }

  func release(_ bytes: Int) {
    if bytes > 0 { used.wrappingSubtract(bytes, ordering: .relaxed) }
  }
}
