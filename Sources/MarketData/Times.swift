/// A moment of wall-clock time: nanoseconds since 1970-01-01T00:00:00Z, UTC. Orders events; never measures a wait.
public struct UnixNanos: BitwiseCopyable, Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  @inlinable
  public init(_ nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  @inlinable
  public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
}

/// A moment of the machine's monotonic clock, in nanoseconds from an arbitrary origin. Measures waits; means nothing on another machine.
public struct MonotonicNanos: BitwiseCopyable, Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  @inlinable
  public init(_ nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  @inlinable
  public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
}

/// What tells the time. A parameter wherever time is read, so that tests step it by hand.
public protocol Clock: Sendable {
  var unixNow: UnixNanos { get }
  var monotonicNow: MonotonicNanos { get }
  /// When `unixNow` was last set forward: waits from one of its times to another leave the jump out.
  var lastJump: ClockJump { get }
}

extension Clock {
  public var lastJump: ClockJump { .none }
}
