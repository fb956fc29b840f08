import Events
import LockFree
import MarketData
import TestKit
import Testing

@testable import Channels

@Suite struct OverflowBufferTests {
  private func record(_ symbol: UInt32, _ price: Double, slot: UInt32 = 0) -> TickRecord {
    TickRecord(
      Tick(symbol: SymbolID(symbol), conditions: [], eventTime: UnixNanos(1), price: price, size: 1),
      receivedTime: UnixNanos(0), slot: StreamSlot(slot), profile: 0)
  }

  private func marker(_ read: UInt64, slot: UInt32 = 0) -> TickRecord {
    TickRecord(marker: Marker(slot: StreamSlot(slot), read: read))
  }

  /// Items by their price, markers as the negative of their read.
  private func text(_ records: [TickRecord]) -> [Double] {
    records.map { $0.kind == .marker ? -Double($0.marker.read) : $0.item.price }
  }

  @Test func dropNewestKeepsMarkersOnly() {
    var overflow = OverflowBuffer<Tick>(capacity: 8)
    let dropped = [record(1, 10, slot: 3), marker(1), record(2, 20), record(1, 30, slot: 3)].map {
      overflow.add($0, .dropNewest)
    }
    #expect(dropped == [1, 0, 1, 1])
    let (records, bySlot) = overflow.take()
    #expect(text(records) == [-1])
    #expect(bySlot == [StreamSlot(3): 2, StreamSlot(0): 1])
    #expect(overflow.isEmpty)
  }

  @Test func dropOldestLosesTheOldestItemAndNoMarker() {
    var overflow = OverflowBuffer<Tick>(capacity: 2)
    for (index, record) in [marker(1), record(1, 1, slot: 5), record(2, 2), marker(2), record(3, 3)].enumerated() {
      #expect(overflow.add(record, .dropOldest) == (index == 4 ? 1 : 0))
    }
    let (records, bySlot) = overflow.take()
    #expect(text(records) == [-1, 2, -2, 3])
    #expect(bySlot == [StreamSlot(5): 1])
  }

  @Test func conflationKeepsTheNewestInTheOldestsPlace() {
    var overflow = OverflowBuffer<Tick>(capacity: 2)
    _ = overflow.add(record(1, 1, slot: 5), .conflate)
    _ = overflow.add(record(2, 2), .conflate)
    _ = overflow.add(marker(1), .conflate)
    #expect(overflow.add(record(1, 3, slot: 6), .conflate) == 1)
    // A third symbol finds no room: the oldest item goes.
    #expect(overflow.add(record(3, 4), .conflate) == 1)
    #expect(overflow.add(record(1, 5), .conflate) == 1)
    let (records, bySlot) = overflow.take()
    #expect(text(records) == [-1, 4, 5])
    #expect(bySlot == [StreamSlot(5): 1, StreamSlot(6): 1, StreamSlot(0): 1])
  }

  /// Against a plain model: whatever the order, items in = kept + dropped, and order is kept among those that stay.
  @Test(arguments: [OverflowPolicy.dropNewest, .dropOldest, .conflate])
  func nothingIsLostUncounted(policy: OverflowPolicy) {
    var random = SeededRandom(seed: 7)
    var overflow = OverflowBuffer<Tick>(capacity: 100)
    var dropped: UInt64 = 0
    var items = 0
    for step in 0..<20_000 {
      if random.next() % 10 == 0 {
        _ = overflow.add(marker(UInt64(step)), policy)
      } else {
        items += 1
        dropped += overflow.add(
          record(UInt32(random.next() % 300), Double(step), slot: UInt32(random.next() % 5)), policy)
      }
    }
    let (records, bySlot) = overflow.take()
    let kept = records.filter { $0.kind == .item }
    #expect(kept.count + Int(dropped) == items)
    #expect(bySlot.values.reduce(0, +) == dropped)
    #expect(kept.count == (policy == .dropNewest ? 0 : 100))
    let markers = records.filter { $0.kind == .marker }.map(\.marker.read)
    #expect(markers == markers.sorted())
    if policy == .dropOldest { #expect(kept.map(\.item.price) == kept.map(\.item.price).sorted()) }
    if policy == .conflate { #expect(Set(kept.map(\.item.symbol)).count == kept.count) }
  }
}
