internal import MarketData

/// Which faults a drill brings upon which channels. A value only: `FaultInjector` carries it out.
///
/// Nested as its file is: `faults[0].duration` is `faults[0].durationNanos`.
package struct FaultPlan: Equatable, Sendable {
  package struct Fault: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
      /// The batch fails before the struck item, which is tried again in the next.
      case fail
      /// The worker stands still before the struck item, between two batches.
      case stall
      /// The batch with the struck item takes longer; once longer, however many of its items are struck.
      case slow
    }

    package var channel: String
    package var kind: Kind
    /// Attempts before the first that is struck. An attempt is an item tried: one that failed is tried again, as another attempt.
    package var after: UInt64
    /// Attempts from one struck to the next; 0 = one strike only.
    package var every: UInt64
    /// Strikes in all; 0 = without end.
    package var count: UInt64
    /// Of a stall, how long; of slowness, what a struck batch takes longer; of a failure, 0.
    package var durationNanos: Int64

    package init(
      channel: String, kind: Kind, after: UInt64 = 0, every: UInt64 = 0, count: UInt64 = 0, durationNanos: Int64 = 0
    ) {
      self.channel = channel
      self.kind = kind
      self.after = after
      self.every = every
      self.count = count
      self.durationNanos = durationNanos
    }
  }

  package var faults: [Fault]

  package init(faults: [Fault] = []) { self.faults = faults }

  /// Every value out of its range, and every relation that does not hold; keys are relative to the plan, such as `faults[2].duration`.
  package func problems() -> [SettingProblem] {
    var check = RangeCheck()
    for (index, fault) in faults.enumerated() {
      let key = "faults[\(index)]"
      if fault.channel.isEmpty { check.add("\(key).channel", "must name a channel") }
      if fault.every == 0, fault.count > 1 {
        check.add("\(key).count", "is \(fault.count); must be 0 or 1 where every is 0, which strikes once")
      }
      switch fault.kind {
      case .fail where fault.durationNanos != 0:
        let found = DurationText.describe(fault.durationNanos)
        check.add("\(key).duration", "is \(found); must be 0s for a fault of kind fail")
      case .fail: break
      case .stall, .slow: check.duration("\(key).duration", fault.durationNanos, 1_000...3_600_000_000_000)
      }
    }
    return check.problems
  }
}
