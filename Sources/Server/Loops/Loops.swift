internal import Events
internal import LockFree
internal import MarketData
internal import NIOCore
internal import Synchronization

/// The event loops of one server and what each keeps.
final class Loops: Sendable {
  private let eventLoops: [any EventLoop]
  private let mailboxes: [LoopMailbox]
  private let meters = Guarded<[LoopMeters]>([])

  init(eventLoops: [any EventLoop]) {
    self.eventLoops = eventLoops
    mailboxes = eventLoops.map { LoopMailbox(eventLoop: $0) }
  }

  /// On the loop.
  func makeContext(index: Int, eventLoop: any EventLoop, shared: SharedState) -> LoopContext {
    let context = LoopContext(
      index: index, loops: eventLoops.count, eventLoop: eventLoop, mailbox: mailboxes[index], shared: shared)
    mailboxes[index].attach(context)
    let meters = context.ingress.meters
    self.meters.withLock { $0.append(meters) }
    return context
  }

  /// Hands each marker to the loop that its slot belongs to.
  func post(_ markers: [Marker]) {
    guard mailboxes.count > 1 else { return mailboxes[0].post(markers) }
    var sorted = [[Marker]](repeating: [], count: mailboxes.count)
    for marker in markers { sorted[Int(marker.slot.index) % mailboxes.count].append(marker) }
    for (index, markers) in sorted.enumerated() { mailboxes[index].post(markers) }
  }

  func wakeFeeds() {
    for mailbox in mailboxes { mailbox.wakeFeeds() }
  }

  /// Runs a job on every loop.
  func onEach(_ job: @escaping @Sendable (LoopContext) -> Void) {
    for mailbox in mailboxes { mailbox.post(job) }
  }

  /// Asks every loop and hands all answers on, in the order of the loops.
  func gather<Answer: Sendable>(
    _ ask: @escaping @Sendable (LoopContext) -> Answer, _ done: @escaping @Sendable ([Answer]) -> Void
  ) {
    let answers = Guarded([Answer?](repeating: nil, count: mailboxes.count))
    for (index, mailbox) in mailboxes.enumerated() {
      mailbox.post { loop in
        let answer = ask(loop)
        let all = answers.withLock { answers in
          answers[index] = answer
          return answers.allSatisfy { $0 != nil } ? answers.compactMap { $0 } : nil
        }
        if let all { done(all) }
      }
    }
  }

  func detach() {
    for mailbox in mailboxes { mailbox.detach() }
  }

  var tickToEvent: LatencySummary { LatencyHistogram.summary(of: meters.withLock { $0.map(\.tickToEvent) }) }

  /// Over all loops.
  var items: (published: UInt64, rejected: UInt64) {
    let meters = meters.withLock { $0 }
    return (meters.reduce(0) { $0 + $1.publishedItems.count }, meters.reduce(0) { $0 + $1.rejectedItems.count })
  }

  /// Waits until a condition holds on every loop, or the deadline passes.
  func wait(until deadline: Int64, _ clock: any Clock, _ holds: @escaping @Sendable (LoopContext) -> Bool) async -> Bool
  {
    while true {
      var all = true
      for mailbox in mailboxes {
        let held = await withCheckedContinuation { continuation in
          mailbox.post { continuation.resume(returning: holds($0)) }
        }
        all = all && held
      }
      if all { return true }
      if clock.monotonicNow.nanoseconds >= deadline { return false }
      try? await Task.sleep(nanoseconds: 5_000_000)
    }
  }
}
