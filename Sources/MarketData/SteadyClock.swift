internal import Synchronization

/// A clock whose wall time never falls, shared by all threads of a server: a `WallClockFollower` over another clock.
///
/// Times of receipt, detection and sequencing and the bound of `max_ahead` all come from here, so that they agree whatever is done to the
/// system's clock. Reading it costs one reading of the monotonic clock; `look()` compares the clocks, and one thread calls it ten times a second.
public final class SteadyClock: Clock {
  /// Readings of the two clocks further apart than this say nothing: the thread was put to sleep between them.
  private static let readingNanosMax: Int64 = 1_000_000
  private static let readingsMax = 8

  private let base: any Clock
  private let follower: Mutex<WallClockFollower>
  private let offsetNanos: Atomic<Int64>
  private let jumpEnd = Atomic<Int64>(ClockJump.none.end.nanoseconds)
  private let jumpNanos = Atomic<Int64>(0)

  public init(_ base: any Clock) {
    self.base = base
    let follower = WallClockFollower(wall: base.unixNow, monotonic: base.monotonicNow)
    self.follower = Mutex(follower)
    offsetNanos = Atomic(follower.offsetNanos)
  }

  public var monotonicNow: MonotonicNanos { base.monotonicNow }

  public var unixNow: UnixNanos {
    // relaxed: whoever is handed a time got it through a ring or a lock, and with it the offset that it was made with.
    UnixNanos(base.monotonicNow.nanoseconds &+ offsetNanos.load(ordering: .relaxed))
  }

  public var lastJump: ClockJump {
    // Its two words may be of two jumps for a moment: a wait that is measured just then counts wrongly, once.
    ClockJump(
      end: UnixNanos(jumpEnd.load(ordering: .relaxed)), nanoseconds: jumpNanos.load(ordering: .relaxed))
  }

  /// Takes note of what was done to the wall clock.
  /// - Returns: by how much it was set, and how far ahead of it this clock runs now; nil where it was not set.
  public func look() -> (step: Int64, aheadNanos: Int64)? {
    guard let (wall, monotonic) = reading() else { return nil }
    return follower.withLock { follower in
      let before = follower.offsetNanos
      let step = follower.follow(wall: wall, monotonic: monotonic)
      if follower.offsetNanos != before {
        jumpNanos.store(follower.offsetNanos &- before, ordering: .relaxed)
        jumpEnd.store(follower.time(at: monotonic).nanoseconds, ordering: .relaxed)
        offsetNanos.store(follower.offsetNanos, ordering: .relaxed)
      }
      return step.map { ($0, follower.time(at: monotonic).nanoseconds &- wall.nanoseconds) }
    }
  }

  /// Both clocks at one moment; nil where this thread never ran long enough for that.
  private func reading() -> (wall: UnixNanos, monotonic: MonotonicNanos)? {
    for _ in 0..<Self.readingsMax {
      let before = base.monotonicNow
      let wall = base.unixNow
      let after = base.monotonicNow
      if after.nanoseconds &- before.nanoseconds <= Self.readingNanosMax { return (wall, after) }
    }
    return nil
  }
}
