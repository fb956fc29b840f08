import Channels
import MarketData
import Testing

@Suite struct ChannelLifecycleTests {
  private func made(in state: ChannelState) -> ChannelLifecycle? {
    var lifecycle = ChannelLifecycle(since: UnixNanos(1))
    switch state {
    case .running: break
    case .paused: _ = lifecycle.change(.pause, at: UnixNanos(2))
    case .draining: _ = lifecycle.change(.drain, at: UnixNanos(2))
    case .stopped: _ = lifecycle.change(.stop, at: UnixNanos(2))
    case .failed: _ = lifecycle.change(.fail, at: UnixNanos(2))
    case .starting: return nil
    }
    return lifecycle
  }

  /// Every pair of a state that occurs and a request.
  @Test(arguments: [ChannelState.running, .paused, .draining, .stopped, .failed], ChannelLifecycle.Request.allCases)
  func everyRequestIsAllowedOrRefused(state: ChannelState, request: ChannelLifecycle.Request) throws {
    let allowed: [ChannelState: [ChannelLifecycle.Request: ChannelState]] = [
      .running: [.pause: .paused, .drain: .draining, .stop: .stopped, .fail: .failed],
      .paused: [.resume: .running, .drain: .draining, .stop: .stopped, .fail: .failed],
      .draining: [.stop: .stopped, .fail: .failed],
      .stopped: [.start: .running],
      .failed: [.start: .running],
    ]
    var lifecycle = try #require(made(in: state))
    let before = lifecycle
    let expected = allowed[state]?[request]
    #expect(lifecycle.change(request, at: UnixNanos(9)) == (expected != nil))
    #expect(lifecycle.state == expected ?? state)
    #expect(lifecycle.since == (expected == nil ? before.since : UnixNanos(9)))
  }

  /// What cannot drain goes on as before: a paused channel does not begin to process by that.
  @Test(arguments: [ChannelState.running, .paused])
  func aDrainThatIsCalledOffLeavesNoTrace(state: ChannelState) throws {
    var lifecycle = try #require(made(in: state))
    let since = lifecycle.since
    let drains = lifecycle.change(.drain, at: UnixNanos(9))
    let isCalledOff = lifecycle.cancelDrain()
    #expect(drains && isCalledOff)
    #expect(lifecycle.state == state)
    #expect(lifecycle.since == since)
  }

  @Test(arguments: [ChannelState.running, .paused, .stopped, .failed])
  func withoutADrainNothingIsCalledOff(state: ChannelState) throws {
    var lifecycle = try #require(made(in: state))
    let before = lifecycle
    let isCalledOff = lifecycle.cancelDrain()
    #expect(!isCalledOff)
    #expect(lifecycle == before)
  }

  @Test func aRefusalNamesStateAndRequest() {
    let refusal = IllegalChange(channel: "ticks-1", state: .paused, request: .pause)
    #expect("\(refusal)" == "channel 'ticks-1' is PAUSED; it cannot pause")
  }
}
