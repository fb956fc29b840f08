package import MarketData
internal import Synchronization

/// A clock that stands until a test steps it; both of its times step together.
package final class ManualClock: Clock {
  private let unix: Atomic<Int64>
  private let monotonic = Atomic<Int64>(0)
  private let monotonicReads = Atomic<UInt64>(0)

  package init(unixNanos: Int64 = 1_700_000_000_000_000_000) { unix = Atomic(unixNanos) }

  package var unixNow: UnixNanos { UnixNanos(unix.load(ordering: .relaxed)) }
  package var monotonicNow: MonotonicNanos {
    monotonicReads.add(1, ordering: .relaxed)
    return MonotonicNanos(monotonic.load(ordering: .relaxed))
  }

  /// How often the monotonic time was asked for: who has to look at it again has done so once this has risen.
  package var reads: UInt64 { monotonicReads.load(ordering: .relaxed) }

  /// Sets the wall clock alone, as an administrator does.
  package func setWall(by nanoseconds: Int64) { unix.add(nanoseconds, ordering: .relaxed) }

  package func step(by nanoseconds: Int64) {
    unix.add(nanoseconds, ordering: .relaxed)
    monotonic.add(nanoseconds, ordering: .relaxed)
  }
}
