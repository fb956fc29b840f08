internal import Synchronization

/// The end of a thread that does something now and then: others announce it, the thread waits for it between two rounds.
///
/// Waits by the monotonic clock. A semaphore of Dispatch, on Linux, waits until a time of the wall clock: set back by an hour, it would have
/// held a round up for an hour.
public final class Ending: Sendable {
  private let parker = Parker()
  private let isAnnounced = Atomic<Bool>(false)

  public init() {}

  public func end() {
    isAnnounced.store(true, ordering: .releasing)
    parker.unpark()
  }

  /// Waits; returns whether the end has been announced. One thread only.
  public func wait(nanos: Int) -> Bool {
    parker.park(atMost: Int64(nanos)) { isAnnounced.load(ordering: .acquiring) }
    return isAnnounced.load(ordering: .acquiring)
  }
}
