internal import LockFree
internal import Synchronization

/// Jobs and transfers from other threads, for the worker to take between two batches.
final class WorkerMailbox<Engine: ChannelEngine>: Sendable {
  typealias Job = @Sendable (inout ChannelWorker<Engine>) -> Void

  private struct Content: Sendable {
    /// Taken before any job: a job may move the symbols that a transfer brings.
    var transfers: [SymbolTransfer<Engine>] = []
    var jobs: [Job] = []
    /// Jobs before this one have been taken.
    var next = 0
    var isClosed = true

    mutating func takeJob() -> Job? {
      guard next < jobs.count else { return nil }
      let job = jobs[next]
      next += 1
      if next == jobs.count {
        jobs.removeAll()
        next = 0
      }
      return job
    }
  }

  private let content = Guarded(Content())
  /// Whether a look into `content` is worth a mutex.
  private let hasJobs = Atomic<Bool>(false)

  /// - Returns: false when no worker is there.
  func post(_ job: @escaping Job) -> Bool {
    content.withLock { content in
      guard !content.isClosed else { return false }
      content.jobs.append(job)
      hasJobs.store(true, ordering: .sequentiallyConsistent)
      return true
    }
  }

  /// - Returns: false when no worker is there.
  func post(_ transfer: SymbolTransfer<Engine>) -> Bool {
    content.withLock { content in
      guard !content.isClosed else { return false }
      content.transfers.append(transfer)
      hasJobs.store(true, ordering: .sequentiallyConsistent)
      return true
    }
  }

  var isUrgent: Bool { hasJobs.load(ordering: .sequentiallyConsistent) }

  // MARK: - The worker

  func open() { content.withLock { $0.isClosed = false } }

  /// All transfers, and the oldest job where one is wanted. Transfers are to be adopted before the job runs; more may have come meanwhile.
  func take(withJob: Bool) -> (transfers: [SymbolTransfer<Engine>], job: Job?) {
    guard hasJobs.load(ordering: .acquiring) else { return ([], nil) }
    return content.withLock { content in
      let transfers = content.transfers
      content.transfers.removeAll()
      let job = withJob ? content.takeJob() : nil
      hasJobs.store(!content.jobs.isEmpty, ordering: .sequentiallyConsistent)
      return (transfers, job)
    }
  }

  func takeTransfers() -> [SymbolTransfer<Engine>] {
    content.withLock { content in
      defer { content.transfers.removeAll() }
      return content.transfers
    }
  }

  /// Refuses new posts; earlier ones can still be taken.
  func close() { content.withLock { $0.isClosed = true } }

  /// Refuses from now on, unless there is something left to do.
  /// - Returns: whether it is closed.
  func closeIfEmpty() -> Bool {
    content.withLock { content in
      guard content.jobs.isEmpty, content.transfers.isEmpty else { return false }
      content.isClosed = true
      return true
    }
  }
}
