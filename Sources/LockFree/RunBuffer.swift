/// Elements gathered for one push: memory that is kept from run to run.
///
/// - Cost: an append is a compare and a store; it grows by doubling, to the largest run ever gathered.
public final class RunBuffer<Element: BitwiseCopyable> {
  @usableFromInline var memory: UnsafeMutablePointer<Element>
  @usableFromInline var capacity: Int
  @usableFromInline var used = 0

  public init(capacity: Int = 256) {
    self.capacity = max(1, capacity)
    memory = .allocate(capacity: self.capacity)
  }

  deinit { memory.deallocate() }

  @inlinable
  public var count: Int { used }

  @inlinable
  public var isEmpty: Bool { used == 0 }

  @inlinable
  public func append(_ element: Element) {
    if used == capacity { grow() }
    (memory + used).initialize(to: element)
    used &+= 1
  }

  @usableFromInline
  func grow() {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
    larger.update(from: memory, count: used)
    memory.deallocate()
    memory = larger
    capacity *= 2
  }

  @inlinable
  public func removeAll() { used = 0 }

  /// The elements from `start` on, for the time of the call.
  @inlinable
  public func withRun<R>(from start: Int = 0, _ body: (Span<Element>) -> R) -> R {
    precondition(start >= 0 && start <= used)
    // In bounds by the check above; nobody else appends while the body runs: the buffer belongs to one thread.
    return body(UnsafeBufferPointer(start: memory + start, count: used - start).span)
  }
}
