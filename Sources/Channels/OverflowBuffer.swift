internal import Events
internal import MarketData

/// Records that find no room in a full ring under a policy that drops. Markers are always kept, items as the policy says. Not thread-safe.
///
/// Its owner empties it after the ring; until then everything goes here, so that no stream's records overtake each other.
/// - Memory: at most `capacity` items, and the markers of the streams, which are bounded by their reads in flight.
/// - Cost: O(1) a record, amortised.
struct OverflowBuffer<Item: ChannelItem>: Sendable {
  private let capacity: Int
  private var entries: [ItemRecord<Item>] = []
  private(set) var items = 0
  /// No item lies before it.
  private var oldest = 0
  private var voids = 0
  /// Where a symbol's only item lies; of `conflate`.
  private var places: [SymbolID: Int] = [:]
  /// Items dropped since the overflow was emptied, by their stream's slot.
  private(set) var dropped: [StreamSlot: UInt64] = [:]
  private(set) var isClosed = false

  init(capacity: Int) { self.capacity = capacity }

  var isEmpty: Bool { entries.isEmpty && dropped.isEmpty }

  /// - Returns: how many items were dropped for it, its own or older ones.
  mutating func add(_ record: ItemRecord<Item>, _ policy: OverflowPolicy) -> UInt64 {
    guard record.kind == .item else {
      entries.append(record)
      return 0
    }
    switch policy {
    case .block, .dropNewest:
      return drop(record)
    case .dropOldest:
      let count = makeRoom()
      append(record)
      return count
    case .conflate:
      if let place = places[record.item.symbol], entries[place].kind == .item {
        let count = drop(entries[place])
        entries[place] = record
        return count
      }
      let count = makeRoom()
      places[record.item.symbol] = entries.count
      append(record)
      return count
    }
  }

  /// Everything in order; the overflow is empty then.
  mutating func take() -> (records: [ItemRecord<Item>], dropped: [StreamSlot: UInt64]) {
    let taken = (entries.filter { $0.kind != .void }, dropped)
    entries = []
    dropped = [:]
    places = [:]
    items = 0
    oldest = 0
    voids = 0
    return taken
  }

  /// From now on its owner refuses.
  mutating func close() { isClosed = true }

  private mutating func append(_ record: ItemRecord<Item>) {
    entries.append(record)
    items += 1
  }

  private mutating func drop(_ record: ItemRecord<Item>) -> UInt64 {
    dropped[record.slot, default: 0] += 1
    return 1
  }

  /// The oldest item makes room for a new one where there is none.
  private mutating func makeRoom() -> UInt64 {
    guard items >= capacity else { return 0 }
    while oldest < entries.count, entries[oldest].kind != .item { oldest += 1 }
    guard oldest < entries.count else { return 0 }
    let record = entries[oldest]
    entries[oldest].kind = .void
    items -= 1
    voids += 1
    if places[record.item.symbol] == oldest { places[record.item.symbol] = nil }
    if voids > 64, voids * 2 > entries.count { compact() }
    return drop(record)
  }

  private mutating func compact() {
    entries.removeAll { $0.kind == .void }
    voids = 0
    oldest = 0
    guard !places.isEmpty else { return }
    places = [:]
    for (place, record) in entries.enumerated() where record.kind == .item { places[record.item.symbol] = place }
  }
}
