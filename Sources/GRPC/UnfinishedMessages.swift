internal import LockFree

internal import struct MarketData.MonotonicNanos

/// The calls of one connection that have begun a message and wait for the rest of it. A call that stands still there for `idleNanos` is to end;
/// while the byte budget, or the connection's share of it, is nearly spent, one that has stood still for a twelfth of that.
///
/// A call is listed once and noted again by one store for each read that leaves a message unfinished; all else happens at a look, a few in
/// `idleNanos`. Not thread-safe.
struct UnfinishedMessages {
  /// Why a call has to end.
  enum Reason: Equatable {
    case idle
    case budgetSpent(BudgetHolder.Refusal)
  }

  let idleNanos: Int64
  private var calls: [MessageStream] = []
  /// When to look next; nil while nobody waits.
  private(set) var nextLook: MonotonicNanos?

  init(idleNanos: Int64) { self.idleNanos = idleNanos }

  private var patience: Int64 { max(1, idleNanos / 12) }

  /// A message of this call has grown, and is not complete.
  mutating func grew(_ call: MessageStream, now: MonotonicNanos) {
    call.noteByte(at: now)
    guard call.unfinishedPlace == nil else { return }
    call.unfinishedPlace = calls.count
    calls.append(call)
    if nextLook == nil { nextLook = now.adding(patience) }
  }

  mutating func remove(_ call: MessageStream) {
    guard let place = call.unfinishedPlace else { return }
    call.unfinishedPlace = nil
    let last = calls.removeLast()
    if calls.isEmpty { nextLook = nil }
    guard last !== call else { return }
    calls[place] = last
    last.unfinishedPlace = place
  }

  /// Forgets calls whose message has been completed, and tells which have to end. These stay listed until they have.
  mutating func look(now: MonotonicNanos, spent: BudgetHolder.Refusal?) -> [(call: MessageStream, reason: Reason)] {
    guard let due = nextLook, due <= now else { return [] }
    var ending: [(call: MessageStream, reason: Reason)] = []
    var next: MonotonicNanos?
    for call in calls {
      guard call.isInsideMessage else {
        remove(call)
        continue
      }
      let stoodStill = now.nanoseconds - call.lastByte.nanoseconds
      if stoodStill >= idleNanos {
        ending.append((call, .idle))
      } else if let spent, stoodStill >= patience {
        ending.append((call, .budgetSpent(spent)))
      } else {
        let look = min(call.lastByte.adding(idleNanos), now.adding(patience))
        next = min(next ?? look, look)
      }
    }
    nextLook = calls.isEmpty ? nil : next ?? now.adding(patience)
    return ending
  }
}

extension MonotonicNanos {
  fileprivate func adding(_ nanos: Int64) -> MonotonicNanos {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(nanos)
    return MonotonicNanos(overflow ? .max : sum)
  }
}
