internal import GRPC
internal import MarketData
internal import NIOCore
internal import WireCodec

/// One event loop of the server: where items come in, which calls are open, who may begin, and the loop's clock tick. Belongs to the loop;
/// nothing of it is shared or locked.
final class LoopContext {
  /// How often changes that no marker tells, waits for full channels, heartbeats and metrics are looked at.
  private static let tickInterval = TimeAmount.milliseconds(10)

  let eventLoop: any EventLoop
  let mailbox: LoopMailbox
  let shared: SharedState
  let requests = RequestDecoder()
  let calls: OpenCalls
  private(set) lazy var ingress = Ingress(shared) { [unowned self] in armTicker() }
  private(set) lazy var admission = Admission(loop: self)
  private(set) lazy var feeds = FeedScheduler(loop: self)

  /// Tells this loop's health watchers what has changed.
  var publishHealth: () -> Void = {}
  var endHealthWatches: () -> Void = {}

  private var ticker: Scheduled<Void>?

  init(index: Int, loops: Int, eventLoop: any EventLoop, mailbox: LoopMailbox, shared: SharedState) {
    self.eventLoop = eventLoop
    self.mailbox = mailbox
    self.shared = shared
    calls = OpenCalls(loop: index, loops: loops)
  }

  var monotonicNow: MonotonicNanos { shared.clock.monotonicNow }

  /// Runs what enters the loop's calls other than by a socket.
  func turn(_ body: () -> Void) {
    ingress.beginTurn()
    body()
    ingress.endTurn()
  }

  /// Ends every publish stream after its acknowledgements, with UNAVAILABLE; nothing new begins.
  func drainPublishing() {
    admission.isDraining = true
    calls.drainPublishing()
  }

  /// Has `calls` told the time until none of them waits for it.
  func armTicker() {
    guard ticker == nil else { return }
    ticker = eventLoop.assumeIsolated().scheduleTask(in: Self.tickInterval) {
      self.ticker = nil
      self.turn {
        if self.calls.tick(now: self.monotonicNow) { self.armTicker() }
      }
    }
  }
}
