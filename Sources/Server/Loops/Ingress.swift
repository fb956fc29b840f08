internal import Channels
internal import LockFree
internal import MarketData
internal import WireCodec

/// One event loop's way in for items: decodes requests, stages their items by channel, and pushes each stream's as one run.
///
/// A *turn* is one entry into the loop's calls: a socket's read or write, the mailbox, the ticker. Clocks are read once in a turn; every
/// stream that staged items in a turn is closed in it, whatever becomes of its call. Turns nest, and only the outermost one ends.
/// Belongs to the loop; nothing of it is shared or locked.
final class Ingress {
  let decoder: PublishDecoder
  let router: LoopRouter
  let meters = LoopMeters()
  private let clock: any Clock
  /// Asked for when a stream begins to stage: acknowledgements may fall due that no other event brings.
  private let armTicker: () -> Void

  private var depth = 0
  /// The stream whose records stand in the router's stage.
  private var owner: PublishStream?
  private var clockIsRead = false
  /// The wall clock as read once in this turn.
  private var unixNow = UnixNanos(0)

  init(_ shared: SharedState, armTicker: @escaping () -> Void) {
    let router = LoopRouter(shared.router)
    self.router = router
    self.armTicker = armTicker
    clock = shared.clock
    decoder = PublishDecoder(
      limits: shared.decoderLimits, resolver: shared.router.registry, runs: router.ticks.stages,
      barRuns: router.bars.stages, fairValueRuns: router.fairValues.stages, models: shared.models)
  }

  func beginTurn() { depth += 1 }

  func endTurn() {
    // Closing a stream may let another one go on: what that stages is of this turn, too.
    if depth == 1 {
      while let stream = owner {
        owner = nil
        stream.turnEnded()
      }
      // A clock that outlives its turn would date the next client's ticks by the past, and reject them as ahead of the server's.
      clockIsRead = false
    }
    depth -= 1
  }

  /// Called before a stream stages records: another stream's are pushed first, so that what blocks belongs to one stream.
  func begin(_ stream: PublishStream) {
    assert(depth > 0, "items come in within a turn: nothing else closes their stream")
    // A run follows another of its stream for each DATA frame of a turn: what was done for the first one holds.
    if owner !== stream {
      if !clockIsRead {
        unixNow = clock.unixNow
        clockIsRead = true
      }
      claimStage(for: stream)
      owner = stream
      armTicker()
    }
    router.begin(updating: decoder)
    decoder.begin(now: unixNow, slot: stream.slot, receivedTime: unixNow)
  }

  /// Closes whatever other stream has staged: what a stream pushes must be its own, or another's items would go in behind its marker.
  func claimStage(for stream: PublishStream) {
    while let other = owner, other !== stream {
      owner = nil
      other.turnEnded()
    }
  }

  /// The stream is over and everything of it pushed.
  func forget(_ stream: PublishStream) {
    if owner === stream { owner = nil }
  }

  func count(accepted: Int, rejected: Int) {
    meters.publishedItems.add(UInt64(accepted))
    if rejected > 0 { meters.rejectedItems.add(UInt64(rejected)) }
  }
}
