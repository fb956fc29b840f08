internal import MarketData
package import Settings

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
}

extension FaultPlan: KeyedSettings {
  package mutating func keys(_ section: SettingsSection) {
    section.sections("faults", new: Fault(channel: "", kind: .fail), into: &faults)
  }
}

extension FaultPlan.Fault: KeyedSettings {
  package mutating func keys(_ fault: SettingsSection) {
    fault.value("channel", .text("a channel's name") { !$0.isEmpty }, into: &channel, isRequired: true)
    fault.choice("kind", into: &kind)
    let most = UInt64(1) << 53
    fault.integer("after", in: 0...most, into: &after)
    fault.integer("every", in: 0...most, into: &every)
    fault.integer("count", in: 0...most, into: &count)
    fault.require(
      every != 0 || count <= 1, "count", "is \(count); must be 0 or 1 where every is 0, which strikes once")
    fault.duration("duration", in: 0...3_600_000_000_000, into: &durationNanos)
    let duration = DurationText.describe(durationNanos)
    if kind == .fail {
      fault.require(durationNanos == 0, "duration", "is \(duration); must be 0s for a fault of kind fail")
    } else {
      fault.require(durationNanos >= 1_000, "duration", "is \(duration); must be from 1us to 1h")
    }
  }
}
