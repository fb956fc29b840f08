package import Detection
package import Events
internal import MarketData

/// The result of a push into the rings.
package enum FlushResult {
  /// Everything is in its ring, with so many markers behind it.
  case done(markers: Int)
  /// This channel has no room: the rest of the stream's records waits here for `resume`.
  case blocked(ChannelControl)
}

/// One event loop's way into all channels. Not thread-safe.
package final class LoopRouter {
  package let ticks: LoopProducer<TickEngine>
  package let bars: LoopProducer<BarEngine>
  package let fairValues: LoopProducer<FairValueEngine>
  private let registry: SymbolRegistry
  /// Of the moves that have been noted here. Read before what it stands for: what changes in between is noted at the next step.
  private var epoch: UInt64
  private var limitsGeneration: UInt64
  /// Moves have been noted that the remembered routes do not all follow yet.
  private var isBehind = false
  /// Markers of a stream's blocked flush.
  private var markers: [StreamSlot: Int] = [:]

  package init(_ router: ChannelRouter) {
    registry = router.registry
    epoch = registry.routingEpoch
    limitsGeneration = registry.limitsGeneration
    ticks = LoopProducer(channels: router.ticks, registry: registry)
    bars = LoopProducer(channels: router.bars, registry: registry)
    fairValues = LoopProducer(channels: router.fairValues, registry: registry)
  }

  /// Call before records are staged: takes note of moves, and corrects a bounded number of the routes that the loop remembers. Until all are right
  /// the inputs of before stay in use: closed ones re-route. Does nothing while records are staged, whose symbols must keep their channel until the
  /// push.
  /// - Parameter memory: nil where no route is remembered from one call to the next; always the same.
  package func begin(updating memory: (any RouteMemory)? = nil) {
    let now = registry.routingEpoch
    guard now != epoch || isBehind, !ticks.isStaged, !bars.isStaged, !fairValues.isStaged else { return }
    // One change after the other: begun anew at each move, a change would not end while moves go on.
    if !isBehind {
      epoch = now
      let limits = registry.limitsGeneration
      let concernsAll = limits != limitsGeneration
      limitsGeneration = limits
      ticks.lookForChange(concernsAll: concernsAll)
      bars.lookForChange(concernsAll: concernsAll)
      fairValues.lookForChange(concernsAll: concernsAll)
    }
    isBehind = !ticks.follow(memory) || !bars.follow(memory) || !fairValues.follow(memory)
  }

  /// Pushes what is staged, all of it the stream's; with `read`, a marker follows into every channel touched since the stream's last one.
  /// - Precondition: nothing of this stream is blocked.
  package func flush(slot: StreamSlot, read: UInt64?) -> FlushResult {
    var result = ticks.flush(slot: slot, read: read)
    if !bars.isIdle { add(bars.flush(slot: slot, read: read), to: &result) }
    if !fairValues.isIdle { add(fairValues.flush(slot: slot, read: read), to: &result) }
    guard let blocked = result.blocked else { return .done(markers: result.markers) }
    markers[slot] = result.markers
    return .blocked(blocked)
  }

  /// Pushes on with what `flush` left.
  package func resume(slot: StreamSlot) -> FlushResult {
    let before = markers.removeValue(forKey: slot) ?? 0
    var result = (markers: 0, blocked: ChannelControl?.none)
    var settled = before
    func look<Engine>(_ producer: LoopProducer<Engine>) {
      guard producer.isBlocked(slot) else { return }
      let waiting = producer.waitingMarkers(slot)
      let producer = producer.resume(slot: slot)
      settled += producer.markers - waiting
      if result.blocked == nil { result.blocked = producer.blocked }
    }
    look(ticks)
    look(bars)
    look(fairValues)
    guard let blocked = result.blocked else { return .done(markers: settled) }
    markers[slot] = settled
    return .blocked(blocked)
  }

  /// Lets go of the items that `flush` left beside the rings. Markers stay where earlier items of their read are in the ring: the worker's counts
  /// for the slot leave by them. Others would hold the slot until a channel that knows nothing of it has room.
  package func dropItems(slot: StreamSlot) -> FlushResult {
    let dropped = ticks.dropItems(slot: slot) + bars.dropItems(slot: slot) + fairValues.dropItems(slot: slot)
    if let waiting = markers[slot] { markers[slot] = waiting - dropped }
    return resume(slot: slot)
  }

  /// Bytes of the stream's records that `flush` could not push.
  package func waitingBytes(slot: StreamSlot) -> Int {
    ticks.waitingBytes(slot) + bars.waitingBytes(slot) + fairValues.waitingBytes(slot)
  }

  private func add(
    _ more: (markers: Int, blocked: ChannelControl?), to result: inout (markers: Int, blocked: ChannelControl?)
  ) {
    result.markers += more.markers
    if result.blocked == nil { result.blocked = more.blocked }
  }
}
