internal import Glibc
public import Synchronization

/// How an idle consumer waits.
public enum IdleStrategy: String, CaseIterable, Sendable {
  /// Sleeps until woken: no load when idle, some microseconds to wake.
  case park
  /// Gives its core away after each look.
  case yield
  /// Looks again at once: the least latency, one core.
  case spin
}

/// Where one consumer thread sleeps while it has nothing to do; any thread wakes it.
///
/// The consumer says that it will park, looks once more for work, then sleeps; a producer makes work visible, then looks for the flag. Each
/// side puts a full fence between its two steps, so at least one of them sees the other.
/// - Cost: `unpark()` is a fence and a load while nobody is parked.
public final class Parker: @unchecked Sendable {
  // @unchecked: the mutex guards `isWoken`; the mutex and the condition live in allocated memory until `deinit`.
  @usableFromInline let isParked = Atomic<Bool>(false)
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var isWoken = false

  public init() {
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Sleeps until `unpark()`, for at most `nanoseconds`; not at all when `hasWork` says so. Consumer thread only.
  public func park(atMost nanoseconds: Int64, unless hasWork: () -> Bool) {
    isParked.store(true, ordering: .relaxed)
    // Pairs with `unpark()`'s fence: either it sees the flag, or we see its work.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    defer { isParked.store(false, ordering: .relaxed) }
    if hasWork() { return }
    var deadline = timespec()
    clock_gettime(CLOCK_MONOTONIC, &deadline)
    let total = Int64(deadline.tv_nsec) &+ nanoseconds
    deadline.tv_sec += Int(total / 1_000_000_000)
    deadline.tv_nsec = Int(total % 1_000_000_000)
    pthread_mutex_lock(mutex)
    while !isWoken {
      if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT { break }
    }
    isWoken = false
    pthread_mutex_unlock(mutex)
  }

  /// Wakes the consumer if it sleeps or is about to. Any thread, after its work is visible.
  @inlinable
  public func unpark() {
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    if isParked.load(ordering: .relaxed) { wake() }
  }

  @usableFromInline
  func wake() {
    pthread_mutex_lock(mutex)
    isWoken = true
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }
}
