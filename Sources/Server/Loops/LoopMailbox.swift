internal import Events
internal import LockFree
internal import MarketData
internal import NIOCore
internal import Synchronization

/// What other threads leave for one event loop: markers that came out, and small jobs.
///
/// Many posts wake the loop once: the first one after a drain schedules it, the others only leave their letter.
/// - Cost: one mutex a batch of markers.
final class LoopMailbox: Sendable {
  private struct Letters {
    var markers: [Marker] = []
    var jobs: [@Sendable (LoopContext) -> Void] = []
    var feedsHaveNews = false
    var isScheduled = false
    /// Set once the loop's context exists, and emptied at shutdown.
    var context: NIOLoopBound<LoopContext>?
  }

  private let letters = Mutex(Letters())
  private let eventLoop: any EventLoop

  init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  func attach(_ context: LoopContext) {
    let bound = NIOLoopBound(context, eventLoop: eventLoop)
    letters.withLock { $0.context = bound }
  }

  /// After this, letters are dropped: nobody is left to read them.
  func detach() {
    letters.withLock { $0.context = nil }
  }

  func post(_ markers: [Marker]) {
    guard !markers.isEmpty else { return }
    leave { $0.markers.append(contentsOf: markers) }
  }

  func post(_ job: @escaping @Sendable (LoopContext) -> Void) {
    leave { $0.jobs.append(job) }
  }

  /// The event log has grown.
  func wakeFeeds() {
    leave { $0.feedsHaveNews = true }
  }

  private func leave(_ put: (inout Letters) -> Void) {
    let mustSchedule = letters.withLock { letters in
      put(&letters)
      defer { letters.isScheduled = true }
      return !letters.isScheduled
    }
    if mustSchedule { eventLoop.execute { self.read() } }
  }

  /// On the loop.
  private func read() {
    let (markers, jobs, feedsHaveNews, context) = letters.withLock { letters in
      defer {
        letters.markers.removeAll()
        letters.jobs.removeAll()
        letters.feedsHaveNews = false
        letters.isScheduled = false
      }
      return (letters.markers, letters.jobs, letters.feedsHaveNews, letters.context)
    }
    guard let context = context?.value else { return }
    context.turn {
      for job in jobs { job(context) }
      context.calls.markersOut(markers)
      if feedsHaveNews { context.feeds.wake(context.calls.allFeeds) }
    }
  }
}
