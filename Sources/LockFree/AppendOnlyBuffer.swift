public import Synchronization

/// Elements that one thread appends and any thread reads, in memory that never moves.
///
/// A reader sees every element below a `count` that it has read. Nothing is ever changed or taken away; the whole goes at once.
public final class AppendOnlyBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
  // @unchecked: elements below `published` are never written again; the releasing store of `published` follows their writing.
  @usableFromInline let memory: UnsafeMutableBufferPointer<Element>
  @usableFromInline let published = Atomic<Int>(0)
  /// The writer's own count, ahead of `published` between `append` and `publish`.
  @usableFromInline var written = 0

  public init(capacity: Int) { memory = .allocate(capacity: capacity) }

  deinit { memory.deallocate() }

  public var capacity: Int { memory.count }

  /// Elements that readers may look at.
  @inlinable
  public var count: Int {
    // acquiring, pairs with `publish`'s releasing store.
    published.load(ordering: .acquiring)
  }

  /// Room left. Writer only.
  @inlinable
  public var free: Int { memory.count - written }

  /// Writer only. Nothing happens when there is no room: the caller asks `free` first.
  @inlinable
  public func append(contentsOf elements: [Element]) {
    guard elements.count <= free else { return }
    elements.withUnsafeBufferPointer { source in
      // In bounds by the check above; nobody reads beyond `published`.
      guard let base = source.baseAddress else { return }
      (memory.baseAddress.unsafelyUnwrapped + written).update(from: base, count: source.count)
    }
    written += elements.count
  }

  @inlinable
  public func append(_ element: Element) {
    guard free > 0 else { return }
    (memory.baseAddress.unsafelyUnwrapped + written).initialize(to: element)
    written += 1
  }

  /// How many elements the writer has appended.
  public var appended: Int { written }

  /// Lets readers see what was appended. Writer only.
  @inlinable
  public func publish() {
    // releasing, pairs with `count`'s acquiring load: the elements are visible before their number.
    published.store(written, ordering: .releasing)
  }

  /// - Precondition: `index` is below a `count` that was read, or was appended by this thread.
  @inlinable
  public subscript(index: Int) -> Element {
    precondition(index >= 0 && index < memory.count)
    return memory[index]
  }

  /// Copies a published range to the end of an array.
  @inlinable
  public func copy(_ range: Range<Int>, to array: inout [Element]) {
    precondition(range.lowerBound >= 0 && range.upperBound <= memory.count)
    array.append(contentsOf: UnsafeBufferPointer(rebasing: memory[range]))
  }
}
