package import MarketData
internal import Synchronization

/// A clock that stands until a test steps it; both of its times step together.
package final class ManualClock: Clock {
  private let unix: Atomic<Int64>
  private let monotonic = Atomic<Int64>(0)

  package init(unixNanos: Int64 = 1_700_000_000_000_000_000) { unix = Atomic(unixNanos) }

  package var unixNow: UnixNanos { UnixNanos(unix.load(ordering: .relaxed)) }
  package var monotonicNow: MonotonicNanos { MonotonicNanos(monotonic.load(ordering: .relaxed)) }

  package func step(by nanoseconds: Int64) {
    unix.add(nanoseconds, ordering: .relaxed)
    monotonic.add(nanoseconds, ordering: .relaxed)
  }
}
