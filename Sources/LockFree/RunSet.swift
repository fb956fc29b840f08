/// Runs of elements gathered side by side, one for each destination, that can be taken back to where the last `mark()` stood.
///
/// Elements are written once, where they wait for their push: decoding a message that turns out bad leaves nothing behind.
/// - Cost: an append is two compares and a store; each run grows by doubling, to the longest ever gathered.
/// - Not thread-safe.
public final class RunSet<Element: BitwiseCopyable> {
  @usableFromInline
  struct Run {
    @usableFromInline var memory: UnsafeMutablePointer<Element>
    @usableFromInline var capacity: Int
    @usableFromInline var used = 0
    /// What was used when the run was first written to after the mark of number `epoch`.
    @usableFromInline var marked = 0
    @usableFromInline var epoch: UInt64 = 0

    init() {
      // Most destinations of most sets are never written to.
      memory = .allocate(capacity: 0)
      capacity = 0
    }
  }

  @usableFromInline var runs: UnsafeMutablePointer<Run>
  @usableFromInline var epoch: UInt64 = 1
  public private(set) var count: Int
  private let runCapacity: Int
  /// The destinations written to since `removeAll`, in the order of their first element. One that was taken back to nothing may stay.
  public private(set) var touched: [Int] = []

  /// - Parameters:
  ///   - count: destinations, 0 ..< count.
  ///   - runCapacity: elements a run holds from its first on, before it grows.
  public init(count: Int, runCapacity: Int = 1_024) {
    self.count = count
    self.runCapacity = max(1, runCapacity)
    runs = .allocate(capacity: max(1, count))
    for index in 0..<count { (runs + index).initialize(to: Run()) }
    touched.reserveCapacity(count)
  }

  /// Makes room for destinations up to `count`.
  public func grow(toCount count: Int) {
    guard count > self.count else { return }
    let larger = UnsafeMutablePointer<Run>.allocate(capacity: count)
    larger.moveInitialize(from: runs, count: self.count)
    for index in self.count..<count { (larger + index).initialize(to: Run()) }
    runs.deallocate()
    runs = larger
    self.count = count
  }

  deinit {
    for index in 0..<count { runs[index].memory.deallocate() }
    runs.deallocate()
  }

  /// Everything appended from here on can be taken back.
  @inlinable
  public func mark() { epoch &+= 1 }

  /// Appends to a run; a destination beyond `count` is made room for, since a channel may be created while this set is in use.
  @inlinable
  public func append(_ element: Element, to destination: Int) {
    if destination >= count { grow(toCount: destination + 1) }
    let run = runs + destination
    if run.pointee.epoch != epoch { note(destination) }
    if run.pointee.used == run.pointee.capacity { grow(destination) }
    (run.pointee.memory + run.pointee.used).initialize(to: element)
    run.pointee.used &+= 1
  }

  /// Takes back what was appended since the last mark.
  public func takeBack() {
    for destination in touched where runs[destination].epoch == epoch {
      runs[destination].used = runs[destination].marked
    }
  }

  public func count(of destination: Int) -> Int { runs[destination].used }

  /// The elements of one run from `start` on, for the time of the call.
  @inlinable
  public func withRun<R>(of destination: Int, from start: Int = 0, _ body: (Span<Element>) -> R) -> R {
    let run = runs[destination]
    precondition(start >= 0 && start <= run.used)
    // In bounds by the check above; nobody appends while the body runs: the set belongs to one thread.
    return body(UnsafeBufferPointer(start: run.memory + start, count: run.used - start).span)
  }

  /// Whether a condition holds for every element. Cost: O(elements); for assertions.
  public func allRecords(_ holds: (Element) -> Bool) -> Bool {
    touched.allSatisfy { destination in
      withRun(of: destination) { run in run.indices.allSatisfy { holds(run[$0]) } }
    }
  }

  public func removeAll() {
    for destination in touched { runs[destination].used = 0 }
    touched.removeAll(keepingCapacity: true)
    epoch &+= 1
  }

  @usableFromInline
  func note(_ destination: Int) {
    precondition(destination >= 0 && destination < count)
    if runs[destination].used == 0, !touched.contains(destination) { touched.append(destination) }
    runs[destination].marked = runs[destination].used
    runs[destination].epoch = epoch
  }

  @usableFromInline
  func grow(_ destination: Int) {
    let run = runs + destination
    let capacity = max(runCapacity, run.pointee.capacity * 2)
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
    larger.update(from: run.pointee.memory, count: run.pointee.used)
    run.pointee.memory.deallocate()
    run.pointee.memory = larger
    run.pointee.capacity = capacity
  }
}
