public import Synchronization

/// Pairs of 64-bit words by number: of each pair one thread at a time is the writer, any thread reads both words of one moment.
///
/// A pair is written under a count that is odd meanwhile; a reader that sees it change looks again. Who writes a pair may change, where one
/// writer's last store happens before the next one's first.
/// - Cost: four plain stores a write; memory for the pages of 4,096 pairs that have been written to, 32 bytes a pair.
public final class SingleWriterTable: @unchecked Sendable {
  // @unchecked: pages are published by an atomic exchange and live until `deinit`; their words are atomic.

  @usableFromInline
  struct Pair: ~Copyable {
    /// 0 = never written; odd while it is written.
    @usableFromInline let version = Atomic<UInt64>(0)
    @usableFromInline let first = Atomic<UInt64>(0)
    @usableFromInline let second = Atomic<UInt64>(0)
    /// Two pairs a cache line, none across two.
    @usableFromInline let padding: UInt64 = 0

    init() {}
  }

  @usableFromInline static var pageBits: Int { 12 }
  @usableFromInline let pages: UnsafeMutablePointer<Atomic<UnsafeMutablePointer<Pair>?>>
  @usableFromInline let pageCount: Int

  /// - Parameter capacity: pairs; writes beyond are ignored.
  public init(capacity: Int) {
    pageCount = (max(1, capacity) - 1) >> Self.pageBits + 1
    pages = .allocate(capacity: pageCount)
    for index in 0..<pageCount { (pages + index).initialize(to: Atomic(nil)) }
  }

  deinit {
    for index in 0..<pageCount { pages[index].load(ordering: .relaxed)?.deallocate() }
    pages.deallocate()
  }

  /// The pair's writer only.
  @inlinable
  public func store(_ first: UInt64, _ second: UInt64, at index: Int) {
    guard let page = page(index >> Self.pageBits) else { return }
    let pair = page + (index & (1 << Self.pageBits - 1))
    let version = pair.pointee.version.load(ordering: .relaxed)
    pair.pointee.version.store(version &+ 1, ordering: .relaxed)
    // releasing: a reader that sees either word sees the odd version too.
    pair.pointee.first.store(first, ordering: .releasing)
    pair.pointee.second.store(second, ordering: .releasing)
    pair.pointee.version.store(version &+ 2, ordering: .releasing)
  }

  /// Both words; nil where nothing was written.
  public func load(at index: Int) -> (first: UInt64, second: UInt64)? {
    let number = index >> Self.pageBits
    guard index >= 0, number < pageCount, let page = pages[number].load(ordering: .acquiring) else { return nil }
    let pair = page + (index & (1 << Self.pageBits - 1))
    while true {
      // acquiring: what is read next is no older than this version.
      let before = pair.pointee.version.load(ordering: .acquiring)
      let first = pair.pointee.first.load(ordering: .acquiring)
      let second = pair.pointee.second.load(ordering: .acquiring)
      if before & 1 == 0, pair.pointee.version.load(ordering: .relaxed) == before {
        return before == 0 ? nil : (first, second)
      }
      // The writer holds it for a few stores only, unless it was put to sleep among them.
      ManyToOneQueue<UInt8>.stepAside(1)
    }
  }

  @inlinable
  func page(_ number: Int) -> UnsafeMutablePointer<Pair>? {
    guard number >= 0, number < pageCount else { return nil }
    return pages[number].load(ordering: .acquiring) ?? addPage(number)
  }

  @usableFromInline
  func addPage(_ number: Int) -> UnsafeMutablePointer<Pair>? {
    let page = UnsafeMutablePointer<Pair>.allocate(capacity: 1 << Self.pageBits)
    for index in 0..<(1 << Self.pageBits) { (page + index).initialize(to: Pair()) }
    // acquiringAndReleasing: another writer's page is seen whole, and ours is seen whole.
    let (exchanged, found) = pages[number].compareExchange(
      expected: nil, desired: page, ordering: .acquiringAndReleasing)
    if exchanged { return page }
    page.deallocate()
    return found
  }
}
