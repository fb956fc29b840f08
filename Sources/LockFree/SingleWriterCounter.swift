public import Synchronization

/// A count that one thread steps and any thread reads.
public struct SingleWriterCounter: ~Copyable, Sendable {
  @usableFromInline let value = Atomic<UInt64>(0)

  public init() {}

  /// Writer only: a load and a store, no locked instruction.
  @inlinable
  public func add(_ count: UInt64) {
    // relaxed: a statistic; readers need no order.
    value.store(value.load(ordering: .relaxed) &+ count, ordering: .relaxed)
  }

  @inlinable
  public func set(_ count: UInt64) { value.store(count, ordering: .relaxed) }

  @inlinable
  public func raise(to count: UInt64) {
    if count > value.load(ordering: .relaxed) { value.store(count, ordering: .relaxed) }
  }

  @inlinable
  public var count: UInt64 { value.load(ordering: .relaxed) }
}
