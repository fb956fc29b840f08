public import Synchronization

/// A bounded queue from many producers to one consumer, without locks.
///
/// Positions grow for ever; position p lies in slot p & (capacity − 1). Invariant: 0 ≤ tail − head ≤ capacity. A producer claims a run of
/// positions by moving `tail`, writes the elements, then publishes each slot by its stamp; the consumer takes stamped slots in order.
/// - Producers: `push`, `close`; any thread. Full is a return value: what to do then is the caller's policy.
/// - Consumer: `poll`, `element`, `advance`; one thread.
/// - Shutdown: `close()` makes every later claim fail; what was claimed before is still delivered. `isDrained` tells the end.
/// - Memory: capacity × (8 + stride of Element) bytes: a 56-byte element and its stamp fill one cache line.
public final class ManyToOneRing<Element: BitwiseCopyable>: @unchecked Sendable {
  // @unchecked: `tail`, `head`, `headSeen` and the stamps are atomic; a slot's element is written by the producer that claimed it, before the
  // releasing store of its stamp, and read by the consumer after the acquiring load of that stamp.

  /// Set in `tail` once the ring is closed, so that claiming and closing decide on one word.
  @inlinable static var closedBit: UInt64 { 1 << 63 }
  /// Two cache lines: the neighbour line is fetched along on current processors.
  @inlinable static var padding: Int { 128 }
  @inlinable static var slotStride: Int {
    let unpadded = MemoryLayout<Atomic<UInt64>>.stride + MemoryLayout<Element>.stride
    let alignment = max(8, MemoryLayout<Element>.alignment)
    return (unpadded + alignment - 1) / alignment * alignment
  }
  @inlinable static var elementOffset: Int { max(8, MemoryLayout<Element>.alignment) }

  @usableFromInline let memory: UnsafeMutableRawPointer
  /// The next position to claim, and the closed bit. Written by producers.
  @usableFromInline let tail: UnsafeMutablePointer<Atomic<UInt64>>
  /// The next position to consume. Written by the consumer.
  @usableFromInline let head: UnsafeMutablePointer<Atomic<UInt64>>
  /// What producers last saw of `head`: spares them the consumer's cache line until the ring looks full.
  @usableFromInline let headSeen: UnsafeMutablePointer<Atomic<UInt64>>
  @usableFromInline let slots: UnsafeMutableRawPointer
  @usableFromInline let mask: UInt64
  /// The consumer's own copy of `head`.
  @usableFromInline var consumed: UInt64 = 0
  /// Every slot before this position has been seen stamped by the consumer. A look goes on from here: one that began at `consumed` each time
  /// would make a consumer that waits for a full batch walk through the batch at each wake.
  @usableFromInline var seen: UInt64 = 0

  /// - Parameter capacity: elements; a power of two.
  public init(capacity: Int) {
    precondition(capacity > 0 && capacity.nonzeroBitCount == 1, "capacity is a power of two")
    let header = 3 * Self.padding
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: header + capacity * Self.slotStride, alignment: Self.padding)
    self.memory = memory
    func word(_ offset: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
      let pointer = (memory + offset).bindMemory(to: Atomic<UInt64>.self, capacity: 1)
      pointer.initialize(to: Atomic(0))
      return pointer
    }
    tail = word(0)
    head = word(Self.padding)
    headSeen = word(2 * Self.padding)
    slots = memory + header
    mask = UInt64(capacity - 1)
    for index in 0..<capacity { _ = word(header + index * Self.slotStride) }
  }

  deinit { memory.deallocate() }

  public var capacity: Int { Int(mask) + 1 }

  /// Elements claimed and not yet handed back; exact only while nobody pushes.
  @inlinable
  public var depth: Int {
    // relaxed: a gauge. Head first, so that the difference cannot be negative.
    let head = head.pointee.load(ordering: .relaxed)
    let tail = tail.pointee.load(ordering: .relaxed) & ~Self.closedBit
    return Int(min(tail &- head, mask &+ 1))
  }

  /// The position behind the last one claimed, for a producer that has just pushed.
  @usableFromInline var claimed: UInt64 { tail.pointee.load(ordering: .relaxed) & ~Self.closedBit }

  public var isClosed: Bool { tail.pointee.load(ordering: .relaxed) & Self.closedBit != 0 }

  /// No claim succeeds after this returns.
  public func close() {
    _ = tail.pointee.bitwiseOr(Self.closedBit, ordering: .relaxed)
  }

  // MARK: - Producers

  /// Appends as much of a run as there is room for, in one piece and in order.
  /// - Returns: how many elements were taken, from the front; 0 = full or closed.
  @inlinable
  public func push(contentsOf run: Span<Element>) -> Int {
    guard let claim = claim(upTo: run.count) else { return 0 }
    for offset in 0..<claim.count { publish(run[unchecked: offset], at: claim.position &+ UInt64(offset)) }
    return claim.count
  }

  /// - Returns: false when full or closed.
  @inlinable
  public func push(_ element: Element) -> Bool {
    guard let claim = claim(upTo: 1) else { return false }
    publish(element, at: claim.position)
    return true
  }

  @inlinable
  func claim(upTo wanted: Int) -> (position: UInt64, count: Int)? {
    // relaxed: the exchange below checks the value again.
    var position = tail.pointee.load(ordering: .relaxed)
    while true {
      guard position & Self.closedBit == 0, wanted > 0 else { return nil }
      // acquiring, pairs with the releasing stores of `headSeen` and through them of `head`: the consumer is done with the slots we reuse.
      var seen = headSeen.pointee.load(ordering: .acquiring)
      if position &+ UInt64(wanted) &- seen > mask &+ 1 {
        // acquiring, pairs with `advance`'s releasing store: the consumer is done with the slots before `head`.
        seen = head.pointee.load(ordering: .acquiring)
        // releasing: hands that knowledge to the producers that read `headSeen` only. An older value here is merely cautious.
        headSeen.pointee.store(seen, ordering: .releasing)
      }
      // A value of `headSeen` newer than `position` cannot be: head never passes tail, and a stale `position` fails the exchange.
      let used = position &- seen
      let free = used > mask &+ 1 ? 0 : mask &+ 1 &- used
      let count = min(UInt64(wanted), free)
      if count == 0 {
        let again = tail.pointee.load(ordering: .relaxed)
        if again == position { return nil }
        position = again
        continue
      }
      // relaxed: the slots' contents are published by their stamps, not by `tail`.
      let (exchanged, found) = tail.pointee.weakCompareExchange(
        expected: position, desired: position &+ count, ordering: .relaxed)
      if exchanged { return (position, Int(count)) }
      position = found
    }
  }

  @inlinable
  func publish(_ element: Element, at position: UInt64) {
    let slot = slots + Int(position & mask) &* Self.slotStride
    // The slot is ours from the claim to the stamp.
    slot.storeBytes(of: element, toByteOffset: Self.elementOffset, as: Element.self)
    // releasing, pairs with `poll`'s acquiring load: the element is visible before its stamp.
    slot.assumingMemoryBound(to: Atomic<UInt64>.self).pointee.store(position &+ 1, ordering: .releasing)
  }

  // MARK: - The consumer

  /// How many elements are ready, in one piece from the front.
  /// - Cost: O(elements that became ready since the last look).
  @inlinable
  public func poll(upTo limit: Int) -> Int {
    let end = consumed &+ UInt64(limit)
    var position = seen
    while position < end {
      let slot = slots + Int(position & mask) &* Self.slotStride
      // acquiring, pairs with `publish`'s releasing store.
      guard slot.assumingMemoryBound(to: Atomic<UInt64>.self).pointee.load(ordering: .acquiring) == position &+ 1 else {
        break
      }
      position &+= 1
    }
    // Only where it changed: producers read the words beside it, and a consumer that spins would take their cache line from them at each look.
    if position != seen { seen = position }
    return Int(min(position, end) &- consumed)
  }

  /// The element `offset` places from the front.
  /// - Precondition: `offset` is below the last `poll`'s result, and nothing was handed back since.
  @inlinable
  public func element(at offset: Int) -> Element {
    let position = consumed &+ UInt64(offset)
    return (slots + Int(position & mask) &* Self.slotStride).load(fromByteOffset: Self.elementOffset, as: Element.self)
  }

  /// Hands the first `count` slots back to the producers.
  @inlinable
  public func advance(by count: Int) {
    consumed &+= UInt64(count)
    // releasing, pairs with `claim`'s acquiring load: our reads of the elements are over.
    head.pointee.store(consumed, ordering: .releasing)
  }

  /// Closed, and everything claimed before has been handed back.
  public var isDrained: Bool {
    let tail = tail.pointee.load(ordering: .acquiring)
    return tail & Self.closedBit != 0 && tail & ~Self.closedBit == consumed
  }
}
