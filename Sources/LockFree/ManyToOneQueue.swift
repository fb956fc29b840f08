internal import Glibc
public import Synchronization

/// A ring whose consumer can sleep: producers wake it once a run, or once there is as much as it waits for.
public final class ManyToOneQueue<Element: BitwiseCopyable>: Sendable {
  public let ring: ManyToOneRing<Element>
  public let parker: Parker
  private let idle: IdleStrategy
  /// A sleeping consumer is to be woken once so many positions have been claimed. Written by the consumer before it says that it sleeps.
  @usableFromInline let wakeAt = Atomic<UInt64>(0)
  /// A parked consumer looks again after this long even if nobody wakes it: a bound, not a means.
  private static var parkNanos: Int64 { 1_000_000_000 }

  /// - Parameter parker: where the consumer sleeps; one consumer may have several queues after each other.
  public init(capacity: Int, idle: IdleStrategy = .park, parker: Parker = Parker()) {
    ring = ManyToOneRing(capacity: capacity)
    self.parker = parker
    self.idle = idle
  }

  /// Appends as much of the run as there is room for, and wakes the consumer.
  @inlinable
  public func push(contentsOf run: Span<Element>) -> Int {
    let count = ring.push(contentsOf: run)
    if count > 0 { wakeConsumer() }
    return count
  }

  @inlinable
  public func push(_ element: Element) -> Bool {
    guard ring.push(element) else { return false }
    wakeConsumer()
    return true
  }

  @inlinable
  func wakeConsumer() {
    // Pairs with the fence in `Parker.park`: either this thread sees that the consumer sleeps, and how much it waits for, or the consumer sees
    // what was pushed before it sleeps.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    if parker.isParked.load(ordering: .relaxed) { wakeIfEnough() }
  }

  /// Claims count, published or not: whoever publishes the last of them comes here behind it and sees all of them.
  @usableFromInline
  func wakeIfEnough() {
    if ring.claimed >= wakeAt.load(ordering: .relaxed) { parker.wake() }
  }

  /// Appends the whole run, waiting for room as long as it takes; nothing is ever dropped.
  /// - Returns: false when the ring is closed: the rest has nowhere to go.
  @inlinable
  @discardableResult
  public func pushWaiting(contentsOf run: Span<Element>) -> Bool {
    var done = 0
    var looks = 0
    while done < run.count {
      let count = push(contentsOf: run.extracting(droppingFirst: done))
      done += count
      if count > 0 {
        looks = 0
        continue
      }
      if ring.isClosed { return false }
      looks += 1
      // The consumer is behind: first give it the core, then sleep in small steps.
      Self.stepAside(looks)
    }
    return true
  }

  @usableFromInline
  static func stepAside(_ looks: Int) {
    if looks < 64 { sched_yield() } else { usleep(50) }
  }

  /// Ends the stream: later pushes fail, the consumer finishes what is there.
  public func close() {
    ring.close()
    parker.unpark()
  }

  /// Waits, as the idle strategy says, until `count` elements are ready, the ring is closed, or `nanoseconds` have passed; a parked consumer sleeps
  /// through pushes that do not make it so many. Consumer thread only.
  /// - Parameter extra: other work that ends the wait.
  public func await(
    atLeast count: Int = 1, atMost nanoseconds: Int64 = 100_000_000, as idle: IdleStrategy? = nil,
    or extra: () -> Bool = { false }
  ) {
    switch idle ?? self.idle {
    case .park:
      wakeAt.store(count > 1 ? ring.consumed &+ UInt64(count) : 0, ordering: .relaxed)
      parker.park(atMost: min(nanoseconds, Self.parkNanos)) {
        ring.poll(upTo: count) >= count || ring.isClosed || extra()
      }
    case .yield:
      sched_yield()
    case .spin:
      break
    }
  }
}
