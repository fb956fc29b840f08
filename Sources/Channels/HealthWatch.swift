internal import LockFree
internal import MarketData

/// Judges channels' health at intervals, and keeps for each channel what the next look is compared with.
///
/// It has a mutex of its own: a look walks through histograms, and event loops and the sequencer must not wait for that at the router's mutex.
final class HealthWatch: Sendable {
  private struct Memory: Sendable {
    var judge = ChannelHealthJudge()
    var waits = RecentWaits()
  }

  /// By channel number.
  private let memories = Guarded<[Int: Memory]>([:])

  /// Judges one channel and notes the result in its `ChannelControl`.
  func look(at control: ChannelControl, time: MonotonicNanos) {
    var facts = control.facts
    let settings = control.read(\.settings.health)
    let (health, reasons) = memories.withLock { memories in
      var memory = memories[control.number] ?? Memory()
      defer { memories[control.number] = memory }
      facts.p99Nanos = memory.waits.p99(of: control.meters.queueLatency, recorded: facts.processed, at: time)
      return memory.judge.judge(facts, settings: settings, at: time)
    }
    control.update {
      $0.health = health
      $0.reasons = reasons
    }
  }

  func forget(_ number: Int) { memories.withLock { $0[number] = nil } }
}
