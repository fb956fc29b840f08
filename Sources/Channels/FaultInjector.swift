/// Carries out one channel's part of a fault plan: says before each batch what strikes it. Deterministic: by numbers of attempts, without
/// time or chance, so that the same attempts are struck however the items fall into batches.
///
/// Attempts count from 0. A failure uses up the attempt that it strikes: the item is tried again as the next one, and a fault that
/// strikes one attempt in a thousand lets it pass. A stall uses up none. Where several strike one attempt, stalls come first, in the
/// plan's order, and failures together.
///
/// - Cost: O(faults of the channel) a batch, no allocation. Not thread-safe; owned by its channel's worker.
package struct FaultInjector: Sendable {
  /// The next batch: process `clear` items, take `slowNanos` longer than they need, then do what `ending` says.
  package struct Strike: Equatable, Sendable {
    package enum Ending: Equatable, Sendable {
      /// All the items asked for are clear.
      case whole
      /// Fail the batch; the item after the clear ones stays, as the first of the next batch.
      case fail(attempt: UInt64)
      /// The batch is good as far as it goes. Stand still, then ask for the rest.
      case stall(nanos: Int64)
    }

    package var clear: Int
    package var slowNanos: Int64
    package var ending: Ending

    package init(clear: Int, slowNanos: Int64 = 0, ending: Ending = .whole) {
      self.clear = clear
      self.slowNanos = slowNanos
      self.ending = ending
    }
  }

  /// One fault's strikes to come. Invariant between two batches: `next` is no attempt that was made.
  private struct Schedule: Sendable {
    let kind: FaultPlan.Fault.Kind
    let every: UInt64
    let durationNanos: Int64
    /// Nil once all are spent.
    var next: UInt64?
    /// Strikes left; nil = without end.
    var left: UInt64?

    /// Spends the strikes before attempt `end`.
    mutating func pass(before end: UInt64) {
      guard let first = next, first < end else { return }
      guard every > 0 else {
        next = nil
        return
      }
      let spent = (end - 1 - first) / every + 1
      if let left {
        guard left > spent else {
          next = nil
          return
        }
        self.left = left - spent
      }
      // Past the last number there is no attempt.
      let (distance, tooFar) = spent.multipliedReportingOverflow(by: every)
      let (sum, tooLarge) = first.addingReportingOverflow(distance)
      next = tooFar || tooLarge ? nil : sum
    }
  }

  private var schedules: [Schedule]
  /// The number of the next attempt.
  private var attempt: UInt64 = 0

  /// - Parameter plan: without problems; other channels' faults are left out.
  package init(_ plan: FaultPlan, channel: String) {
    schedules = plan.faults.filter { $0.channel == channel }.map { fault in
      Schedule(
        kind: fault.kind, every: fault.every, durationNanos: fault.durationNanos, next: fault.after,
        left: fault.count == 0 ? nil : fault.count)
    }
  }

  /// Whether all strikes are spent: nothing more needs to be asked.
  package var isSpent: Bool { schedules.allSatisfy { $0.next == nil } }

  /// What strikes the next `count` items. To be asked for each batch, again for the rest after a strike, and carried out.
  package mutating func next(upTo count: Int) -> Strike {
    guard count > 0 else { return Strike(clear: 0) }
    let first = attempt
    var end = first &+ UInt64(count)
    var striking: Int?
    for (index, schedule) in schedules.enumerated() where schedule.kind != .slow {
      guard let next = schedule.next else { continue }
      // At one attempt, the first stall before any other; a failure that it precedes strikes at the next call.
      let isFirstStall = next == end && schedule.kind == .stall && striking.map { schedules[$0].kind } == .fail
      guard next < end || isFirstStall else { continue }
      striking = index
      end = next
    }
    let clear = Int(end - first)
    guard let striking else {
      attempt = end
      return Strike(clear: clear, slowNanos: slowness(before: end))
    }
    switch schedules[striking].kind {
    case .stall:
      schedules[striking].pass(before: end + 1)
      attempt = end
      return Strike(
        clear: clear, slowNanos: slowness(before: end), ending: .stall(nanos: schedules[striking].durationNanos))
    case .fail, .slow:
      attempt = end + 1
      for index in schedules.indices where schedules[index].kind == .fail { schedules[index].pass(before: attempt) }
      return Strike(clear: clear, slowNanos: slowness(before: attempt), ending: .fail(attempt: end))
    }
  }

  /// The extra time of the attempts before `end`, in nanoseconds: each slow fault that strikes one of them counts once.
  private mutating func slowness(before end: UInt64) -> Int64 {
    var nanos: Int64 = 0
    for index in schedules.indices where schedules[index].kind == .slow {
      guard let next = schedules[index].next, next < end else { continue }
      nanos += schedules[index].durationNanos
      schedules[index].pass(before: end)
    }
    return nanos
  }
}
