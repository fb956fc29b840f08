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

  /// Judges one channel and tells its core.
  func look(at core: ChannelCore, time: MonotonicNanos) {
    var facts = core.facts
    let settings = core.read(\.settings.health)
    let (health, reasons) = memories.withLock { memories in
      var memory = memories[core.number] ?? Memory()
      defer { memories[core.number] = memory }
      facts.p99Nanos = memory.waits.p99(of: core.meters.queueLatency, recorded: facts.processed, at: time)
      return memory.judge.judge(facts, settings: settings, at: time)
    }
    core.update {
      $0.health = health
      $0.reasons = reasons
    }
  }

  func forget(_ number: Int) { memories.withLock { $0[number] = nil } }
}
