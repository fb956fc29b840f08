internal import MarketData

/// The newest waiting event of each symbol and type, in the order of their sequences: what CONFLATE keeps of a subscriber that is behind.
struct ConflatedEvents {
  struct Event {
    var sequence: UInt64
    var bytes: [UInt8]
    var receivedTime: UnixNanos
  }

  struct Key: Hashable {
    var symbol: UInt32
    var type: UInt8
  }

  private var newest: [Key: Event] = [:]
  /// In rising order; a place whose event a newer one has replaced is passed over. The first is never such a one.
  private var order: [(sequence: UInt64, key: Key)] = []
  private var head = 0

  var oldest: UInt64? { head < order.count ? order[head].sequence : nil }

  /// - Parameter event: newer than all before it.
  /// - Returns: the one that it replaces.
  mutating func put(_ event: Event, _ key: Key) -> Event? {
    let older = newest.updateValue(event, forKey: key)
    order.append((event.sequence, key))
    passOver()
    if order.count > 1_024, order.count > 2 * newest.count {
      order = order[head...].filter { newest[$0.key]?.sequence == $0.sequence }
      head = 0
    }
    return older
  }

  mutating func popFirst() -> Event? {
    guard head < order.count else { return nil }
    let event = newest.removeValue(forKey: order[head].key)
    passOver()
    if newest.isEmpty { self = ConflatedEvents() }
    return event
  }

  private mutating func passOver() {
    while head < order.count, newest[order[head].key]?.sequence != order[head].sequence { head += 1 }
  }
}
