internal import Detection
internal import LockFree
internal import Synchronization

/// What other threads leave for a worker to do between two batches, and who waits for room in its ring.
final class WorkerInbox: Sendable {
  private struct Content {
    var questions: [@Sendable (borrowing TickEngine) -> Void] = []
    var waiters: [@Sendable () -> Void] = []
    var isClosed = false
  }

  private let content = Guarded(Content())
  /// Whether a look into `content` is worth a mutex.
  private let hasQuestions = Atomic<Bool>(false)
  private let hasWaiters = Atomic<Bool>(false)

  /// - Returns: false when the worker has ended.
  func ask(_ question: @escaping @Sendable (borrowing TickEngine) -> Void) -> Bool {
    content.withLock { content in
      guard !content.isClosed else { return false }
      content.questions.append(question)
      hasQuestions.store(true, ordering: .sequentiallyConsistent)
      return true
    }
  }

  func wait(for wake: @escaping @Sendable () -> Void) {
    content.withLock { content in
      content.waiters.append(wake)
      hasWaiters.store(true, ordering: .sequentiallyConsistent)
    }
    // Pairs with the worker's fence after it has handed slots back: either it sees the waiter, or the caller sees the room.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
  }

  var isUrgent: Bool { hasQuestions.load(ordering: .sequentiallyConsistent) }

  /// Worker only.
  func answer(with engine: borrowing TickEngine) {
    guard hasQuestions.load(ordering: .acquiring) else { return }
    let questions = content.withLock { content in
      defer { content.questions.removeAll() }
      hasQuestions.store(false, ordering: .sequentiallyConsistent)
      return content.questions
    }
    for question in questions { question(engine) }
  }

  /// Whether somebody waits for room; a full fence stands before the look.
  var isAwaited: Bool {
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    return hasWaiters.load(ordering: .relaxed)
  }

  func wakeWaiters() {
    let waiters = content.withLock { content in
      defer { content.waiters.removeAll() }
      hasWaiters.store(false, ordering: .sequentiallyConsistent)
      return content.waiters
    }
    for wake in waiters { wake() }
  }

  /// The worker ends: what is asked from now on is refused, who waits is told to look again.
  func close(with engine: borrowing TickEngine) {
    content.withLock { $0.isClosed = true }
    answer(with: engine)
    wakeWaiters()
  }
}
