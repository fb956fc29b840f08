import MarketData
import TestKit
import Testing

/// What a server's wall clock says when somebody sets the system's.
@Suite struct SteadyClockTests {
  static let second: Int64 = 1_000_000_000

  /// One reading after another: how far the wall clock is off the monotonic one then, and what the follower says.
  @Test(
    arguments: [
      // It runs evenly, and is slewed.
      (walls: [0, 0, 0], offsets: [0, 0, 0], steps: [nil, nil, nil]),
      (walls: [300, -200, 999], offsets: [300, 300, 999], steps: [nil, nil, nil]),
      // Forward: followed. Back: held, until it has caught up.
      (walls: [5_000, 5_000], offsets: [5_000, 5_000], steps: [5_000, nil]),
      (walls: [-5_000, -5_000, -4_500], offsets: [0, 0, 0], steps: [-5_000, nil, nil]),
      (walls: [60_000, 0, 70_000], offsets: [60_000, 60_000, 70_000], steps: [60_000, -60_000, 70_000]),
      // From one second on it is told; smaller ones when they add up.
      (walls: [999, 1_000], offsets: [999, 1_000], steps: [nil, 1_000]),
      (walls: [-600, -1_200, -1_800], offsets: [0, 0, 0], steps: [nil, -1_200, nil]),
    ] as [(walls: [Int64], offsets: [Int64], steps: [Int64?])])
  func aFollowedClockNeverFalls(walls: [Int64], offsets: [Int64], steps: [Int64?]) {
    let start: Int64 = 1_700_000_000 * Self.second
    var follower = WallClockFollower(wall: UnixNanos(start), monotonic: MonotonicNanos(0))
    var last = follower.time(at: MonotonicNanos(0))
    for (index, wall) in walls.enumerated() {
      // Three seconds pass between two readings; times above are in milliseconds.
      let monotonic = Int64(index + 1) * 3 * Self.second
      let step = follower.follow(
        wall: UnixNanos(start + monotonic + wall * 1_000_000), monotonic: MonotonicNanos(monotonic))
      #expect(step == steps[index].map { $0 * 1_000_000 })
      let time = follower.time(at: MonotonicNanos(monotonic))
      #expect(time.nanoseconds == start + monotonic + offsets[index] * 1_000_000)
      // Not only does it not fall: it goes on as fast as time does.
      #expect(time.nanoseconds >= last.nanoseconds + 3 * Self.second)
      last = time
    }
  }

  @Test func timeGoesOnWhenTheWallClockIsSetBack() {
    let base = ManualClock()
    let clock = SteadyClock(base)
    let before = clock.unixNow
    base.setWall(by: -3_600 * Self.second)
    #expect(clock.look()?.step == -3_600 * Self.second)
    base.step(by: Self.second)
    #expect(clock.look() == nil)
    #expect(clock.unixNow.nanoseconds == before.nanoseconds + Self.second)
  }

  @Test func aWaitLeavesOutAJumpAndNothingElse() {
    let base = ManualClock()
    let clock = SteadyClock(base)
    let received = clock.unixNow
    base.step(by: 5_000)
    base.setWall(by: 60 * Self.second)
    #expect(clock.look()?.aheadNanos == 0)
    let later = clock.unixNow
    #expect(later.nanoseconds == received.nanoseconds + 60 * Self.second + 5_000)
    #expect(clock.lastJump.elapsed(from: received, to: later) == 5_000)
    base.step(by: 7_000)
    #expect(clock.lastJump.elapsed(from: later, to: clock.unixNow) == 7_000)
    #expect(clock.lastJump.elapsed(from: received, to: clock.unixNow) == 12_000)
    #expect(ClockJump.none.elapsed(from: received, to: later) == 60 * Self.second + 5_000)
  }
}
