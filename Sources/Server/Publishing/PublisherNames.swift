internal import MarketData

/// The publisher names that are known: whose stream has each, what it has had processed, and which may be forgotten. Pure.
///
/// Names without a stream stand in the order in which their last one ended. One is forgotten `memoryNanos` after that and not before: until then
/// its publisher may come back with requests that were processed. So at the limit a new name has to wait until an old one is old enough.
/// A name that had nothing processed has nothing to remember.
/// - Cost: O(1) a claim and a release, the names that a claim forgets included.
struct PublisherNames<Stream> {
  struct Entry {
    var processed: UInt64 = 0
    var holder: Stream?
    var waiting: Stream?
    fileprivate var endedTime = MonotonicNanos(0)
    /// Its neighbours among the names without a stream: those whose last stream ended just before and just after.
    fileprivate var older: String?
    fileprivate var newer: String?
  }

  /// Names forgotten by one claim, at most: more than the one that it may add.
  private static var forgottenAtOnce: Int { 16 }

  let limit: Int
  let memoryNanos: Int64
  private var entries: [String: Entry] = [:]
  private var oldest: String?
  private var newest: String?

  init(limit: Int, memoryNanos: Int64) {
    self.limit = limit
    self.memoryNanos = memoryNanos
  }

  var count: Int { entries.count }

  /// The name's entry for a stream that wants it, taken out of those that may be forgotten; nil where the name is new and there is no room.
  mutating func claim(_ name: String, at now: MonotonicNanos) -> Entry? {
    forgetOld(at: now)
    if let entry = entries[name] {
      guard entry.holder == nil else { return entry }
      unlink(name)
      // It may be old, and only not yet reached.
      return isOld(entry, at: now) ? Entry() : entries[name]
    }
    return entries.count < limit ? Entry() : nil
  }

  subscript(name: String) -> Entry? { entries[name] }

  /// Keeps what a stream's claim or release has made of an entry.
  /// - Parameter isForgotten: without a stream, the name goes at once.
  mutating func keep(_ name: String, _ entry: Entry, at now: MonotonicNanos, isForgotten: Bool = false) {
    entries[name] = entry
    guard entry.holder == nil else { return }
    guard entry.processed > 0, !isForgotten else {
      entries[name] = nil
      return
    }
    link(name, at: now)
  }

  private func isOld(_ entry: Entry, at now: MonotonicNanos) -> Bool {
    now.nanoseconds &- entry.endedTime.nanoseconds >= memoryNanos
  }

  private mutating func forgetOld(at now: MonotonicNanos) {
    for _ in 0..<Self.forgottenAtOnce {
      guard let name = oldest, let entry = entries[name], isOld(entry, at: now) else { return }
      unlink(name)
      entries[name] = nil
    }
  }

  // MARK: - The order

  private mutating func link(_ name: String, at now: MonotonicNanos) {
    entries[name]?.endedTime = now
    entries[name]?.older = newest
    if let newest { entries[newest]?.newer = name } else { oldest = name }
    newest = name
  }

  private mutating func unlink(_ name: String) {
    guard let entry = entries[name] else { return }
    if let older = entry.older { entries[older]?.newer = entry.newer } else { oldest = entry.newer }
    if let newer = entry.newer { entries[newer]?.older = entry.older } else { newest = entry.older }
    entries[name]?.older = nil
    entries[name]?.newer = nil
  }
}
