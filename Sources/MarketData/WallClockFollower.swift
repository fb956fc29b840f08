/// Makes of a wall clock, which may be set at any time, one that never falls: the monotonic clock plus an offset that only rises.
///
/// While the wall clock runs evenly, the result is the wall clock. Set forward, it is followed; set back, the result goes on by the monotonic clock,
/// ahead of the wall clock, until the wall clock has caught up. Pure: told both readings, it says what the offset is now.
public struct WallClockFollower: Equatable, Sendable {
  /// A change of the wall clock against the monotonic one from which on it is told: beyond what reading two clocks or slewing explains.
  public static let stepNanos: Int64 = 1_000_000_000

  /// What the result is ahead of the monotonic clock.
  public private(set) var offsetNanos: Int64
  /// What the wall clock was ahead of the monotonic one when a step was last told: small changes that add up are told, too.
  private var toldNanos: Int64

  public init(wall: UnixNanos, monotonic: MonotonicNanos) {
    offsetNanos = wall.nanoseconds &- monotonic.nanoseconds
    toldNanos = offsetNanos
  }

  /// Takes new readings, the wall clock's first: a thread put to sleep between the two sees the wall clock behind, which changes nothing.
  /// - Returns: by how much the wall clock was set, negative = back; nil where it was not, or by less than `stepNanos`.
  public mutating func follow(wall: UnixNanos, monotonic: MonotonicNanos) -> Int64? {
    let difference = wall.nanoseconds &- monotonic.nanoseconds
    offsetNanos = max(offsetNanos, difference)
    let step = difference &- toldNanos
    guard step >= Self.stepNanos || step <= -Self.stepNanos else { return nil }
    toldNanos = difference
    return step
  }

  public func time(at monotonic: MonotonicNanos) -> UnixNanos {
    UnixNanos(monotonic.nanoseconds &+ offsetNanos)
  }
}

/// The last time that a clock was set forward: a wait measured across it would hold the jump.
public struct ClockJump: BitwiseCopyable, Equatable, Sendable {
  /// The first moment after it; the clock showed none of the `nanoseconds` before.
  public var end: UnixNanos
  public var nanoseconds: Int64

  public init(end: UnixNanos, nanoseconds: Int64) {
    self.end = end
    self.nanoseconds = nanoseconds
  }

  public static let none = ClockJump(end: UnixNanos(.min), nanoseconds: 0)

  /// How long it really was from one time of this clock to another.
  @inlinable
  public func elapsed(from start: UnixNanos, to end: UnixNanos) -> Int64 {
    let shown = end.nanoseconds &- start.nanoseconds
    return start < self.end && end >= self.end ? shown &- nanoseconds : shown
  }
}
