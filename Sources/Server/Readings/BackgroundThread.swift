internal import Dispatch
internal import Glibc
internal import LockFree

/// A thread below live work that does jobs one after the other: what takes milliseconds and would stand in the way of an event loop's ticks.
final class BackgroundThread: Sendable {
  typealias Job = @Sendable () -> Void

  /// Niceness of the thread: live work goes first.
  private static let niceness: Int32 = 10

  private struct Content: Sendable {
    var jobs: [Job] = []
    var isEnding = false
  }

  private let content = Guarded(Content())
  private let news = DispatchSemaphore(value: 0)
  private let thread = Guarded<NamedThread?>(nil)

  func start(_ name: String) {
    thread.withLock {
      $0 = NamedThread(name) { [self] in
        // Of this thread alone, on Linux.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
        run()
      }
    }
  }

  func post(_ job: @escaping Job) {
    content.withLock { $0.jobs.append(job) }
    news.signal()
  }

  /// Drops what has not begun, and waits for what has.
  func stop() {
    content.withLock { $0.isEnding = true }
    news.signal()
    thread.withLock { $0 }?.join()
    thread.withLock { $0 = nil }
  }

  private func run() {
    while true {
      news.wait()
      let (jobs, isEnding) = content.withLock { content in
        defer { content.jobs = [] }
        return (content.jobs, content.isEnding)
      }
      if isEnding { return }
      for job in jobs { job() }
    }
  }
}
