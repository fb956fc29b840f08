package import LockFree
package import MarketData
internal import Synchronization

/// The filters that are in use, so that equal subscriptions share one. It keeps none of them alive.
package final class FilterDirectory: Sendable {
  private struct Key: Hashable {
    var table: ObjectIdentifier
    var count: Int
    /// Of all names in their order. With two hashes under the process's secret seed, different lists are never taken for one.
    var hashes: [Int]
  }

  private struct Shared: Sendable {
    weak var filter: NameFilter?
    /// Tells a filter from one that has taken its place.
    var number: UInt64
  }

  private let filters = Guarded<[Key: Shared]>([:])
  private let number = Atomic<UInt64>(0)

  package init() {}

  /// How many different filters are in use.
  package var count: Int { filters.withLock { $0.count } }

  /// The filter of these names: one that is in use, or a new one.
  /// - Parameter holder: who a new one counts for, as long as anybody uses it.
  /// - Throws: where the byte budget has no room for it.
  package func filter(
    _ names: [String], in table: NameTable, holder: BudgetHolder
  ) throws(BudgetHolder.Refusal) -> NameFilter {
    let key = Self.key(names, table)
    if let shared = filters.withLock({ $0[key]?.filter }) { return shared }
    // Made without the lock: it may look up 100,000 names. Of two equal ones made at a time the later one is shared from then on.
    let number = number.wrappingAdd(1, ordering: .relaxed).newValue
    let filter = try NameFilter(names, in: table, holder: holder) { [weak self] in self?.forget(key, number) }
    filters.withLock { $0[key] = Shared(filter: filter, number: number) }
    return filter
  }

  private func forget(_ key: Key, _ number: UInt64) {
    // By number: asking the weak reference here could be its last use, which would end in this method again, under its lock.
    filters.withLock { filters in
      if filters[key]?.number == number { filters[key] = nil }
    }
  }

  private static func key(_ names: [String], _ table: NameTable) -> Key {
    let hashes = (0..<2).map { round in
      var hasher = Hasher()
      hasher.combine(round)
      for name in names { hasher.combine(name) }
      return hasher.finalize()
    }
    return Key(table: ObjectIdentifier(table), count: names.count, hashes: hashes)
  }
}
