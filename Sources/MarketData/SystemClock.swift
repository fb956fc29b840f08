internal import Glibc

/// The machine's clocks.
public struct SystemClock: Clock {
  public init() {}

  public var unixNow: UnixNanos { UnixNanos(Self.read(CLOCK_REALTIME)) }
  public var monotonicNow: MonotonicNanos { MonotonicNanos(Self.read(CLOCK_MONOTONIC)) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}
