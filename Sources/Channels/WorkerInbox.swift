internal import LockFree
internal import Synchronization

/// What other threads leave for a worker to do between two batches.
final class WorkerInbox<Engine: ChannelEngine>: Sendable {
  typealias Job = @Sendable (inout ChannelWorker<Engine>) -> Void

  private struct Content: Sendable {
    /// Before any job: a job may move what a parcel brings.
    var parcels: [Handover<Engine>] = []
    var jobs: [Job] = []
    var isClosed = true
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
  func post(_ parcel: Handover<Engine>) -> Bool {
    content.withLock { content in
      guard !content.isClosed else { return false }
      content.parcels.append(parcel)
      hasJobs.store(true, ordering: .sequentiallyConsistent)
      return true
    }
  }

  var isUrgent: Bool { hasJobs.load(ordering: .sequentiallyConsistent) }

  // MARK: - The worker

  func open() { content.withLock { $0.isClosed = false } }

  /// Parcels are to be adopted before the jobs run; more may have come meanwhile.
  func take() -> (parcels: [Handover<Engine>], jobs: [Job]) {
    guard hasJobs.load(ordering: .acquiring) else { return ([], []) }
    return content.withLock { content in
      defer {
        content.parcels.removeAll()
        content.jobs.removeAll()
      }
      hasJobs.store(false, ordering: .sequentiallyConsistent)
      return (content.parcels, content.jobs)
    }
  }

  func takeParcels() -> [Handover<Engine>] {
    content.withLock { content in
      defer { content.parcels.removeAll() }
      return content.parcels
    }
  }

  /// Refuses from now on; what was posted before can still be taken.
  func close() { content.withLock { $0.isClosed = true } }

  /// Refuses from now on, unless there is something left to do.
  /// - Returns: whether it is closed.
  func closeIfEmpty() -> Bool {
    content.withLock { content in
      guard content.jobs.isEmpty, content.parcels.isEmpty else { return false }
      content.isClosed = true
      return true
    }
  }
}
