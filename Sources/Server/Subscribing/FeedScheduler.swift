internal import Events
internal import NIOCore

/// Gives the feeds of one event loop their turns: in the order in which they asked, a bounded part of the log for all together, and then the
/// sockets first. Belongs to the loop.
///
/// A thousand subscribers that come back with a million events to look through so cost others a wait of one turn, and not of all their past.
final class FeedScheduler {
  /// Entries that one turn may look at, over all feeds: some 100 µs.
  static let looksPerTurn = 16_384
  /// Of these for one feed, before the next has its turn.
  static let looksPerVisit = 2_048
  /// A visit costs as much as so many looks, whatever it finds.
  static let looksOfVisit = 8
  /// The loop reads sockets only when nothing is to be done now, so the next turn lies this little ahead.
  private static let pause = TimeAmount.microseconds(20)

  let reader: LogReader
  private unowned let loop: LoopContext
  private var queue = FeedQueue<SubscriptionFeed>()
  private var isScheduled = false
  private var isInTurn = false

  init(loop: LoopContext) {
    self.loop = loop
    reader = LogReader(loop.shared.log)
  }

  /// The feed has something to do. Nothing of it is done before this returns.
  func enqueue(_ feed: SubscriptionFeed) {
    queue.append(feed)
    if !isInTurn { schedule() }
  }

  /// The log has grown: those feeds that are up to date hear of it in this turn, without a wait.
  func wake(_ feeds: some Sequence<SubscriptionFeed>) {
    let isFree = !isScheduled
    isInTurn = true
    for feed in feeds { feed.logGrew() }
    isInTurn = false
    if isFree { turn() }
  }

  private func schedule() {
    guard !isScheduled else { return }
    isScheduled = true
    loop.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
      self.isScheduled = false
      self.loop.turn { self.turn() }
    }
  }

  private func turn() {
    var looks = Self.looksPerTurn
    isInTurn = true
    while looks > 0, let feed = queue.popFirst() {
      let allowed = min(looks, Self.looksPerVisit)
      var left = allowed
      feed.takeTurn(reader, looks: &left)
      looks -= allowed - left + Self.looksOfVisit
    }
    isInTurn = false
    if !queue.isEmpty { schedule() }
  }
}
