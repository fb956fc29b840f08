internal import LockFree
internal import MarketData
internal import Synchronization

/// A channel's entrance until symbols next move: a ring, and the spill beside it for records that find no room.
///
/// When symbols move, the gate closes for good and the channel opens a new one: a producer that still holds the old one finds it closed, and asks
/// anew where its records belong.
final class Gate<Item: ChannelItem>: FillGauge {
  let core: ChannelCore
  let queue: ManyToOneQueue<ItemRecord<Item>>
  private let spill: Guarded<Spill<Item>>
  private let spilling = Atomic<Bool>(false)

  init(core: ChannelCore) {
    let settings = core.settings
    self.core = core
    queue = ManyToOneQueue(capacity: settings.ringCapacity, idle: settings.idle, parker: core.parker)
    spill = Guarded(Spill(capacity: settings.ringCapacity))
  }

  var ring: ManyToOneRing<ItemRecord<Item>> { queue.ring }

  var fill: ChannelCore.Fill {
    let depth = ring.depth
    let isSpilling = isSpilling
    return ChannelCore.Fill(
      depth: depth, isRoomy: depth * 2 <= ring.capacity && !isSpilling && !ring.isClosed, isSpilling: isSpilling)
  }

  /// Whether records lie beside the ring.
  var isSpilling: Bool { spilling.load(ordering: .acquiring) }

  /// Takes as much of a run as its policy and room allow; a marker may be its last record.
  /// - Returns: how many records were taken, from the front; dropped ones are.
  func push(_ run: Span<ItemRecord<Item>>) -> Int {
    if isSpilling { return core.policy == .block ? 0 : spillOver(run) }
    let count = queue.push(contentsOf: run)
    if count > 0 {
      let items = run[count - 1].kind == .marker ? count - 1 : count
      core.meters.received.wrappingAdd(UInt64(items), ordering: .relaxed)
    }
    if count == run.count || core.policy == .block || ring.isClosed { return count }
    return count + spillOver(run.extracting(droppingFirst: count))
  }

  private func spillOver(_ run: Span<ItemRecord<Item>>) -> Int {
    let policy = core.policy
    let (taken, items, dropped) = spill.withLock { spill -> (Int, UInt64, UInt64) in
      guard !spill.isClosed else { return (0, 0, 0) }
      var items: UInt64 = 0
      var dropped: UInt64 = 0
      for index in run.indices {
        items += run[index].kind == .item ? 1 : 0
        dropped += spill.add(run[index], policy)
      }
      // releasing: a producer or worker that sees the flag must find the records.
      spilling.store(true, ordering: .releasing)
      return (run.count, items, dropped)
    }
    core.meters.received.wrappingAdd(items, ordering: .relaxed)
    core.meters.dropped.wrappingAdd(dropped, ordering: .relaxed)
    core.parker.unpark()
    return taken
  }

  // MARK: - The worker

  /// The spilled records, if the ring is empty; otherwise nil.
  func takeSpill() -> (records: [ItemRecord<Item>], dropped: [StreamSlot: UInt64])? {
    spill.withLock { spill in
      // Records in the ring are older than spilled ones: taking the spill first would reorder a symbol's items.
      guard ring.poll(upTo: 1) == 0 else { return nil }
      spilling.store(false, ordering: .releasing)
      return spill.take()
    }
  }

  /// Closes it and hands out all that is in it, in order.
  func closeAndDrain() -> (records: [ItemRecord<Item>], dropped: [StreamSlot: UInt64]) {
    ring.close()
    let rest = spill.withLock { spill in
      spill.close()
      return spill.take()
    }
    var records: [ItemRecord<Item>] = []
    while !ring.isDrained {
      let count = ring.poll(upTo: .max)
      for offset in 0..<count { records.append(ring.element(at: offset)) }
      ring.advance(by: count)
      // A producer has claimed slots and not published them yet: wait for it, or its records would be lost.
      if count == 0 { queue.await(atMost: 10_000) }
    }
    return (records + rest.records, rest.dropped)
  }
}
