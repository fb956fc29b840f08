internal import LockFree
internal import Synchronization

/// Jobs and handovers from other threads, for the worker to take between two batches.
final class WorkerInbox<Engine: ChannelEngine>: Sendable {
  typealias Job = @Sendable (inout ChannelWorker<Engine>) -> Void

  private struct Content: Sendable {
    /// Taken before any job: a job may move the symbols that a parcel brings.
    var parcels: [Handover<Engine>] = []
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

  /// All parcels, and the oldest job where one is wanted. Parcels are to be adopted before the job runs; more may have come meanwhile.
  func take(withJob: Bool) -> (parcels: [Handover<Engine>], job: Job?) {
    guard hasJobs.load(ordering: .acquiring) else { return ([], nil) }
    return content.withLock { content in
      let parcels = content.parcels
      content.parcels.removeAll()
      let job = withJob ? content.takeJob() : nil
      hasJobs.store(!content.jobs.isEmpty, ordering: .sequentiallyConsistent)
      return (parcels, job)
    }
  }

  func takeParcels() -> [Handover<Engine>] {
    content.withLock { content in
      defer { content.parcels.removeAll() }
      return content.parcels
    }
  }

  /// Refuses new posts; earlier ones can still be taken.
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
