import Channels
import Settings
import TestKit
import Testing

@Suite struct FaultPlanTests {
  private typealias Fault = FaultPlan.Fault
  private typealias Strike = FaultInjector.Strike

  private func injector(_ faults: Fault...) -> FaultInjector {
    FaultInjector(FaultPlan(faults: faults), channel: "a")
  }

  @Test func withoutFaultsAllItemsAreClear() {
    var injector = injector(Fault(channel: "b", kind: .fail))
    #expect(injector.isSpent)
    #expect(injector.next(upTo: 5) == Strike(clear: 5))
    #expect(injector.next(upTo: 0) == Strike(clear: 0))
  }

  @Test func aFailureEveryThousandHitsOneAttemptInAThousandAndTheRetrySucceeds() {
    var injector = injector(Fault(channel: "a", kind: .fail, after: 3, every: 4))
    // Attempts 0 1 2 (3) 4 5 6 (7) 8 9: item 3 is tried as 3 and 4.
    #expect(injector.next(upTo: 10) == Strike(clear: 3, ending: .fail(attempt: 3)))
    #expect(injector.next(upTo: 10) == Strike(clear: 3, ending: .fail(attempt: 7)))
    #expect(injector.next(upTo: 3) == Strike(clear: 3))
    #expect(injector.next(upTo: 1) == Strike(clear: 0, ending: .fail(attempt: 11)))
    #expect(!injector.isSpent)
  }

  @Test func aFailureOfEveryAttemptHoldsTheItemForItsCount() {
    var injector = injector(Fault(channel: "a", kind: .fail, after: 2, every: 1, count: 3))
    #expect(injector.next(upTo: 4) == Strike(clear: 2, ending: .fail(attempt: 2)))
    #expect(injector.next(upTo: 4) == Strike(clear: 0, ending: .fail(attempt: 3)))
    #expect(injector.next(upTo: 4) == Strike(clear: 0, ending: .fail(attempt: 4)))
    #expect(injector.isSpent)
    #expect(injector.next(upTo: 4) == Strike(clear: 4))
  }

  @Test func withoutAnIntervalItStrikesOnce() {
    var injector = injector(Fault(channel: "a", kind: .fail, after: 4))
    #expect(injector.next(upTo: 4) == Strike(clear: 4))
    #expect(injector.next(upTo: 4) == Strike(clear: 0, ending: .fail(attempt: 4)))
    #expect(injector.next(upTo: 1_000_000) == Strike(clear: 1_000_000))
  }

  @Test func aStallUsesUpNoAttempt() {
    var injector = injector(Fault(channel: "a", kind: .stall, after: 2, every: 2, count: 2, durationNanos: 9_000))
    #expect(injector.next(upTo: 4) == Strike(clear: 2, ending: .stall(nanos: 9_000)))
    #expect(injector.next(upTo: 2) == Strike(clear: 2))
    #expect(injector.next(upTo: 4) == Strike(clear: 0, ending: .stall(nanos: 9_000)))
    #expect(injector.next(upTo: 4) == Strike(clear: 4))
    #expect(injector.isSpent)
  }

  @Test func slownessIsAddedOnceToABatchAndCountsEveryItemStruck() {
    var injector = injector(Fault(channel: "a", kind: .slow, after: 3, every: 2, count: 4, durationNanos: 1_000))
    // Struck are 3, 5, 7 and 9.
    #expect(injector.next(upTo: 3) == Strike(clear: 3))
    #expect(injector.next(upTo: 5) == Strike(clear: 5, slowNanos: 1_000))
    #expect(injector.next(upTo: 1) == Strike(clear: 1))
    #expect(injector.next(upTo: 9) == Strike(clear: 9, slowNanos: 1_000))
    #expect(injector.isSpent)
  }

  @Test func atOneAttemptStallsComeFirstAndFailuresTogether() {
    var injector = injector(
      Fault(channel: "a", kind: .fail, after: 1), Fault(channel: "a", kind: .stall, after: 1, durationNanos: 2_000),
      Fault(channel: "a", kind: .fail, after: 1), Fault(channel: "a", kind: .slow, after: 1, durationNanos: 5_000),
      Fault(channel: "a", kind: .stall, after: 1, durationNanos: 3_000))
    #expect(injector.next(upTo: 3) == Strike(clear: 1, ending: .stall(nanos: 2_000)))
    #expect(injector.next(upTo: 3) == Strike(clear: 0, ending: .stall(nanos: 3_000)))
    #expect(injector.next(upTo: 3) == Strike(clear: 0, slowNanos: 5_000, ending: .fail(attempt: 1)))
    #expect(injector.next(upTo: 3) == Strike(clear: 3))
  }

  @Test func aStallJustBehindTheBatchWaitsForItsItem() {
    var injector = injector(
      Fault(channel: "a", kind: .stall, after: 3, durationNanos: 1_000), Fault(channel: "a", kind: .fail, after: 5))
    #expect(injector.next(upTo: 3) == Strike(clear: 3))
    #expect(injector.next(upTo: 2) == Strike(clear: 0, ending: .stall(nanos: 1_000)))
    #expect(injector.next(upTo: 2) == Strike(clear: 2))
    #expect(injector.next(upTo: 2) == Strike(clear: 0, ending: .fail(attempt: 5)))
  }

  @Test func numbersPastTheLastAttemptNeverStrike() {
    var injector = injector(
      Fault(channel: "a", kind: .fail, after: 1, every: .max), Fault(channel: "a", kind: .slow, every: .max - 1),
      Fault(channel: "a", kind: .fail, after: .max))
    #expect(injector.next(upTo: 2) == Strike(clear: 1, ending: .fail(attempt: 1)))
    #expect(injector.next(upTo: .max) == Strike(clear: .max))
  }

  /// The attempts that fail are those of the plan, in whatever batches the items come.
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func batchesDoNotMatter(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let faults = (0..<Int.random(in: 1...4, using: &random)).map { _ in
      Fault(
        channel: "a", kind: Bool.random(using: &random) ? .fail : .stall, after: .random(in: 0...50, using: &random),
        every: .random(in: 0...20, using: &random), count: .random(in: 0...5, using: &random), durationNanos: 1_000)
    }
    var failures: Set<UInt64> = []
    var stalls = 0
    for fault in faults {
      // 300 attempts; a fault without an interval strikes once.
      let strikes = fault.every == 0 ? 1 : fault.count == 0 ? 300 : fault.count
      for attempt in (0..<strikes).map({ fault.after + $0 * fault.every }) where attempt < 300 {
        if fault.kind == .fail { failures.insert(attempt) } else { stalls += 1 }
      }
    }
    var injector = FaultInjector(FaultPlan(faults: faults), channel: "a")
    var made: UInt64 = 0
    while made < 300 {
      let strike = injector.next(upTo: min(Int.random(in: 1...40, using: &random), Int(300 - made)))
      made += UInt64(strike.clear)
      switch strike.ending {
      case .whole: break
      case .stall: stalls -= 1
      case .fail(let attempt):
        #expect(attempt == made, "seed \(seed)")
        #expect(failures.remove(attempt) != nil, "seed \(seed), attempt \(attempt)")
        made += 1
      }
    }
    #expect(failures.isEmpty, "seed \(seed)")
    #expect(stalls == 0, "seed \(seed)")
  }

  @Test func aPlansProblemsAreNamedByTheirKeys() {
    let good = [
      Fault(channel: "a", kind: .fail, every: 1), Fault(channel: "a", kind: .stall, count: 1, durationNanos: 1_000),
      Fault(channel: "a", kind: .slow, every: 2, count: 9, durationNanos: 3_600_000_000_000),
    ]
    #expect(FaultPlan(faults: good).problems().isEmpty)
    let bad = [
      Fault(channel: "", kind: .fail, count: 2, durationNanos: 1_000_000),
      Fault(channel: "a", kind: .stall, durationNanos: 999), Fault(channel: "a", kind: .slow),
    ]
    #expect(
      FaultPlan(faults: bad).problems() == [
        SettingsProblem(key: "faults[0].channel", message: "is ''; must be a channel's name"),
        SettingsProblem(
          key: "faults[0].count", message: "is 2; must be 0 or 1 where every is 0, which strikes once"),
        SettingsProblem(key: "faults[0].duration", message: "is 1ms; must be 0s for a fault of kind fail"),
        SettingsProblem(key: "faults[1].duration", message: "is 999ns; must be from 1us to 1h"),
        SettingsProblem(key: "faults[2].duration", message: "is 0s; must be from 1us to 1h"),
      ])
  }
}
