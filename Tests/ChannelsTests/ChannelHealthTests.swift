import Channels
import MarketData
import Testing

@Suite struct ChannelHealthTests {
  private typealias Facts = ChannelHealthJudge.Facts

  private func at(_ seconds: Double) -> MonotonicNanos { MonotonicNanos(Int64(seconds * 1e9)) }

  private func facts(_ change: (inout Facts) -> Void) -> Facts {
    var facts = Facts()
    facts.capacity = 1_000
    change(&facts)
    return facts
  }

  private func judged(_ change: (inout Facts) -> Void) -> (health: Health, reasons: [String]) {
    var judge = ChannelHealthJudge()
    return judge.judge(facts(change), settings: HealthSettings(), at: at(1))
  }

  @Test func aQuietChannelIsHealthyWithoutReasons() {
    #expect(judged { _ in } == (.healthy, []))
    #expect(judged { $0.capacity = 0 } == (.healthy, []))
  }

  @Test(arguments: ChannelState.allCases)
  func onlyFailedIsAFault(state: ChannelState) {
    let expected: [ChannelState: (Health, [String])] = [
      .failed: (.unhealthy, ["FAILED; it has to be started again"]),
      .paused: (.healthy, ["PAUSED on request, 7 in the ring"]), .stopped: (.healthy, ["STOPPED on request"]),
    ]
    let verdict = judged {
      $0.state = state
      $0.depth = 7
    }
    #expect(verdict == expected[state] ?? (.healthy, []))
  }

  @Test func theBreakerCounts() {
    #expect(judged { $0.breaker = .open } == (.unhealthy, ["breaker OPEN"]))
    let forced = judged {
      $0.breaker = .open
      $0.isForced = true
    }
    #expect(forced == (.unhealthy, ["breaker OPEN on request, until it is reset"]))
    #expect(judged { $0.breaker = .halfOpen } == (.degraded, ["breaker HALF_OPEN"]))
    #expect(judged { $0.isRestarting = true } == (.unhealthy, ["restarting after failures"]))
  }

  @Test func theFailureRateOfTheLastMinuteIsUnhealthyAboveTenPercent() {
    #expect(judged { $0.failureRate = 0.1 } == (.healthy, []))
    #expect(
      judged { $0.failureRate = 0.125 } == (.unhealthy, ["12.5 % of the last minute's batches failed, above 10 %"]))
  }

  @Test func p99AboveItsLimitDegrades() {
    #expect(judged { $0.p99Nanos = 1_000_000_000 } == (.healthy, []))
    #expect(
      judged { $0.p99Nanos = 1_234_567_890 } == (.degraded, ["p99 of the wait in the ring 1234ms, above 1s"]))
  }

  @Test func aDeepRingDegradesOnceItHasLasted() {
    var judge = ChannelHealthJudge()
    func verdict(_ depth: Int, _ time: Double) -> (health: Health, reasons: [String]) {
      // One more is processed at each look: no stall.
      judge.judge(
        facts {
          $0.depth = depth
          $0.processed = UInt64(time * 10)
        }, settings: HealthSettings(), at: at(time))
    }
    #expect(verdict(801, 1) == (.healthy, []))
    #expect(verdict(801, 5.9) == (.healthy, []))
    #expect(verdict(900, 6) == (.degraded, ["ring 90 % full, above 80 % for 5s"]))
    #expect(verdict(1_000, 14) == (.degraded, ["ring 100 % full, above 80 % for 13s"]))
    // At the limit is not above it, and ends the time.
    #expect(verdict(800, 15) == (.healthy, []))
    #expect(verdict(801, 16) == (.healthy, []))
    #expect(verdict(801, 20.9) == (.healthy, []))
    #expect(verdict(801, 21).health == .degraded)
  }

  @Test func withoutATimeADeepRingDegradesAtOnce() {
    var settings = HealthSettings()
    settings.depthForNanos = 0
    settings.depthPct = 100
    var judge = ChannelHealthJudge()
    #expect(judge.judge(facts { $0.depth = 1_000 }, settings: settings, at: at(1)).health == .healthy)
    settings.depthPct = 99.9
    #expect(
      judge.judge(facts { $0.depth = 1_000 }, settings: settings, at: at(1))
        == (.degraded, ["ring 100 % full, above 99.9 % for 0s"]))
  }

  @Test func nothingProcessedWhileItemsWaitIsAStall() {
    var judge = ChannelHealthJudge()
    func verdict(_ depth: Int, _ processed: UInt64, _ time: Double) -> (health: Health, reasons: [String]) {
      judge.judge(
        facts {
          $0.depth = depth
          $0.processed = processed
        }, settings: HealthSettings(), at: at(time))
    }
    #expect(verdict(0, 10, 1).health == .healthy)
    // An empty ring for long, then an item: the time runs from there.
    #expect(verdict(0, 10, 100).health == .healthy)
    #expect(verdict(1, 10, 101).health == .healthy)
    #expect(verdict(2, 10, 105.9).health == .healthy)
    #expect(verdict(3, 10, 106) == (.degraded, ["nothing processed for 5s with 3 in the ring"]))
    // Progress ends it and starts the time anew.
    #expect(verdict(2, 11, 107) == (.healthy, []))
    #expect(verdict(2, 11, 111.9) == (.healthy, []))
    #expect(verdict(2, 11, 112).health == .degraded)
    #expect(verdict(0, 11, 113).health == .healthy)
  }

  @Test(arguments: [ChannelState.paused, .starting, .stopped])
  func aChannelThatNeedNotProcessDoesNotStall(state: ChannelState) {
    var judge = ChannelHealthJudge()
    for (time, state) in [(1, ChannelState.running), (4, state), (20, state), (21, .running), (25.9, .running)] {
      let facts = facts {
        $0.state = state
        $0.depth = 1
      }
      #expect(judge.judge(facts, settings: HealthSettings(), at: at(time)).health == .healthy)
    }
    #expect(judge.judge(facts { $0.depth = 1 }, settings: HealthSettings(), at: at(26)).health == .degraded)
  }

  @Test func aDrainingChannelStallsAndARestartingOneDoesNot() {
    for (isRestarting, reason) in [
      (false, "nothing processed for 10s with 1 in the ring"), (true, "restarting after failures"),
    ] {
      var judge = ChannelHealthJudge()
      let facts = facts {
        $0.state = .draining
        $0.isRestarting = isRestarting
        $0.depth = 1
      }
      _ = judge.judge(facts, settings: HealthSettings(), at: at(1))
      #expect(judge.judge(facts, settings: HealthSettings(), at: at(11)).reasons == [reason])
    }
  }

  @Test func aPausedChannelsRingMayStillBeTooDeep() {
    var judge = ChannelHealthJudge()
    let paused = facts {
      $0.state = .paused
      $0.depth = 900
    }
    #expect(judge.judge(paused, settings: HealthSettings(), at: at(1)).health == .healthy)
    #expect(
      judge.judge(paused, settings: HealthSettings(), at: at(7))
        == (.degraded, ["ring 90 % full, above 80 % for 6s", "PAUSED on request, 900 in the ring"]))
  }

  @Test func everyReasonIsToldTheWorstFirst() {
    let verdict = judged {
      $0.p99Nanos = 2_000_000_000
      $0.breaker = .open
      $0.failureRate = 1
      $0.state = .failed
    }
    #expect(
      verdict
        == (
          .unhealthy,
          [
            "FAILED; it has to be started again", "breaker OPEN",
            "100 % of the last minute's batches failed, above 10 %", "p99 of the wait in the ring 2s, above 1s",
          ]
        ))
  }
}
