internal import Events
internal import LockFree
internal import MarketData
internal import Synchronization

/// A channel's entrance until symbols next move: a ring, and the overflow beside it for records that find no room.
///
/// When symbols move, the input closes for good and the channel opens a new one: a producer that still holds the old one finds it closed, and asks
/// anew where its records belong.
final class ChannelInput<Item: ChannelItem>: FillGauge {
  let control: ChannelControl
  let queue: ManyToOneQueue<ItemRecord<Item>>
  private let overflow: Guarded<OverflowBuffer<Item>>
  private let overflowing = Atomic<Bool>(false)

  init(control: ChannelControl) {
    let settings = control.settings
    self.control = control
    queue = ManyToOneQueue(capacity: settings.ringCapacity, idle: settings.idle, parker: control.parker)
    overflow = Guarded(OverflowBuffer(capacity: settings.ringCapacity))
  }

  var ring: ManyToOneRing<ItemRecord<Item>> { queue.ring }

  var fill: ChannelControl.Fill {
    let depth = ring.depth
    let isOverflowing = isOverflowing
    return ChannelControl.Fill(
      depth: depth, isRoomy: depth * 2 <= ring.capacity && !isOverflowing && !ring.isClosed,
      isOverflowing: isOverflowing)
  }

  /// Whether records lie beside the ring.
  var isOverflowing: Bool { overflowing.load(ordering: .acquiring) }

  /// Takes as much of a run as its policy and room allow; a marker may be its last record.
  /// - Returns: how many records were taken, from the front; dropped ones are.
  func push(_ run: Span<ItemRecord<Item>>) -> Int {
    if isOverflowing { return control.policy == .block ? 0 : pushOverflow(run) }
    let count = queue.push(contentsOf: run)
    if count > 0 {
      let items = run[count - 1].kind == .marker ? count - 1 : count
      control.meters.received.wrappingAdd(UInt64(items), ordering: .relaxed)
    }
    if count == run.count || control.policy == .block || ring.isClosed { return count }
    return count + pushOverflow(run.extracting(droppingFirst: count))
  }

  private func pushOverflow(_ run: Span<ItemRecord<Item>>) -> Int {
    let policy = control.policy
    let (taken, items, dropped) = overflow.withLock { overflow -> (Int, UInt64, UInt64) in
      guard !overflow.isClosed else { return (0, 0, 0) }
      var items: UInt64 = 0
      var dropped: UInt64 = 0
      for index in run.indices {
        items += run[index].kind == .item ? 1 : 0
        dropped += overflow.add(run[index], policy)
      }
      // releasing: a producer or worker that sees the flag must find the records.
      overflowing.store(true, ordering: .releasing)
      return (run.count, items, dropped)
    }
    control.meters.received.wrappingAdd(items, ordering: .relaxed)
    control.meters.dropped.wrappingAdd(dropped, ordering: .relaxed)
    control.parker.unpark()
    return taken
  }

  // MARK: - The worker

  /// The records beside the ring, if the ring is empty; otherwise nil.
  func takeOverflow() -> (records: [ItemRecord<Item>], dropped: [StreamSlot: UInt64])? {
    overflow.withLock { overflow in
      // Records in the ring are older than those beside it: taking these first would reorder a symbol's items.
      guard ring.poll(upTo: 1) == 0 else { return nil }
      overflowing.store(false, ordering: .releasing)
      return overflow.take()
    }
  }

  /// Closes it and hands out all that is in it, in order.
  func closeAndDrain() -> (records: [ItemRecord<Item>], dropped: [StreamSlot: UInt64]) {
    ring.close()
    let rest = overflow.withLock { overflow in
      overflow.close()
      return overflow.take()
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
