internal import Glibc

/// A value behind a mutex, for what happens seldom: never for an item.
///
/// A POSIX mutex instead of `Synchronization.Mutex`, since ThreadSanitizer sees the one and not the other: with it, a race in the code
/// around would be told from the lock's own work.
public final class Guarded<Value: Sendable>: @unchecked Sendable {
  // @unchecked: `value` is touched only while `mutex` is held; the mutex lies in allocated memory until `deinit`.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  public init(_ value: Value) {
    self.value = value
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  public func withLock<R>(_ body: (inout Value) -> R) -> R {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body(&value)
  }
}
