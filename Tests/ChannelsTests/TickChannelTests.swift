import Channels
import Detection
import Events
import LockFree
import MarketData
import Synchronization
import TestKit
import Testing

/// Channels with their real threads, driven through `LoopRouter`.
@Suite struct TickChannelTests {
  /// One server's worth of channels, with what came out of them in order.
  private final class Rig: Sendable {
    let output = ManyToOneQueue<SequencerInput>(capacity: 64)
    let router: ChannelRouter
    private let collected = Guarded<[SequencerInput]>([])
    private let collector = Guarded<NamedThread?>(nil)

    init(channels count: Int, capacity: Int) {
      router = ChannelRouter(
        channels: (0..<count).map {
          ChannelSettings(name: "ticks-\($0 + 1)", ringCapacity: capacity, maxBatch: 64)
        },
        profiles: [Profile(name: "all", calendar: .continuous)], symbols: SymbolTable(capacity: 100),
        clock: SystemClock())
      router.start(output: output)
      collector.withLock {
        $0 = NamedThread("collector") {
          while !self.output.ring.isDrained {
            let count = self.output.ring.poll(upTo: 16)
            if count == 0 {
              self.output.await()
              continue
            }
            let run = (0..<count).map { self.output.ring.element(at: $0) }
            self.output.ring.advance(by: count)
            self.collected.withLock { $0 += run }
          }
        }
      }
    }

    func channel(_ index: Int) -> any AnyChannel { router.channels[index] }

    /// Stops everything and returns what came out.
    func finish() -> [SequencerInput] {
      router.stop()
      output.close()
      collector.withLock { $0 }?.join()
      return collected.withLock { $0 }
    }
  }

  private func record(
    symbol: Int, second: Int, price: Double, slot: UInt32
  ) -> TickRecord {
    TickRecord(
      Tick(
        symbol: SymbolID(UInt32(symbol)), conditions: [], eventTime: UnixNanos(1_000_000_000 * Int64(second)),
        price: price, size: 1),
      receivedTime: UnixNanos(5), slot: StreamSlot(slot), profile: 0)
  }

  /// Pushes reads of records as an event loop would, waiting where a channel is full; each read gets a marker.
  private func publish(_ reads: [[TickRecord]], slot: StreamSlot, to rig: Rig) -> Int {
    let router = LoopRouter(rig.router)
    var markers = 0
    for (number, read) in reads.enumerated() {
      for record in read {
        router.ticks.stages.append(record, to: Int(record.item.symbol.index) % rig.router.channels.count)
      }
      var result = router.flush(slot: slot, read: UInt64(number))
      while case .blocked(let channel) = result {
        let room = Atomic<Bool>(false)
        withExtendedLifetime(room) {
          let parker = Parker()
          let woken = Woken()
          channel.notifyOfRoom {
            woken.set()
            parker.unpark()
          }
          while !woken.isSet { parker.park(atMost: 10_000_000) { woken.isSet } }
        }
        result = router.resume(slot: slot)
      }
      if case .done(let count) = result { markers += count }
    }
    return markers
  }

  private final class Woken: Sendable {
    private let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .acquiring) }
    func set() { flag.store(true, ordering: .releasing) }
  }

  /// Rising prices: with a ring of two records, hundreds of reads, several loops at once and one or four channels nothing is lost, and
  /// markers follow their items' events.
  @Test(arguments: [(1, 2), (4, 2), (4, 16)])
  func fullRingsLoseNothingAndKeepEachSymbolsOrder(channelCount: Int, capacity: Int) {
    let rig = Rig(channels: channelCount, capacity: capacity)
    let loops = 3
    let readsEach = 60
    let markersPushed = Atomic<Int>(0)
    let threads = (0..<loops).map { loop in
      NamedThread("loop") {
        let reads = (0..<readsEach).map { read in
          (0..<10).map { item in
            // Each loop has four symbols of its own. Prices rise by 0.06 a second: every tick is a new HIGH, none a wild print.
            let second = read * 10 + item
            return record(
              symbol: loop * 4 + item % 4, second: second, price: 100 * (1 + 0.0006 * Double(second)),
              slot: UInt32(loop))
          }
        }
        markersPushed.add(publish(reads, slot: StreamSlot(UInt32(loop)), to: rig), ordering: .relaxed)
      }
    }
    for thread in threads { thread.join() }
    let output = rig.finish()
    var lastTime: [UInt32: Int64] = [:]
    var highs: [UInt32: Int] = [:]
    var nextRead: [UInt32: [UInt64]] = [:]
    var markers = 0
    for input in output {
      switch input {
      case .event(let event):
        #expect(lastTime[event.symbol.index, default: .min] <= event.eventTime.nanoseconds)
        lastTime[event.symbol.index] = event.eventTime.nanoseconds
        #expect(event.receivedTime == UnixNanos(5))
        if event.type == .high { highs[event.symbol.index, default: 0] += 1 }
      case .marker(let marker):
        markers += 1
        nextRead[marker.slot.index, default: []].append(marker.read)
      }
    }
    #expect(markers == markersPushed.load(ordering: .relaxed))
    // Ten items over four symbols a read: symbols 0 and 1 of a loop get three of them, 2 and 3 two; the first tick announces nothing.
    for loop in 0..<loops {
      for symbol in 0..<4 {
        #expect(highs[UInt32(loop * 4 + symbol)] == readsEach * (symbol < 2 ? 3 : 2) - 1)
      }
    }
    let metrics = rig.router.channels.map { $0.control.metrics() }
    #expect(metrics.reduce(0) { $0 + $1.received } == UInt64(loops * readsEach * 10))
    #expect(metrics.reduce(0) { $0 + $1.processed } == UInt64(loops * readsEach * 10))
    #expect(metrics.allSatisfy { $0.ringDepth == 0 })
  }

  @Test func markersCarryWhatBecameOfTheItemsBeforeThem() {
    let rig = Rig(channels: 1, capacity: 64)
    let reads = [
      [record(symbol: 0, second: 100, price: 10, slot: 3)],
      // 94 s is more than 5 s behind 100 s; 20 is a wild print.
      [
        record(symbol: 0, second: 94, price: 10, slot: 3),
        record(symbol: 0, second: 101, price: 20, slot: 3),
        record(symbol: 0, second: 102, price: 10, slot: 3),
      ],
      [record(symbol: 0, second: 103, price: 10, slot: 3)],
    ]
    #expect(publish(reads, slot: StreamSlot(3), to: rig) == 3)
    var tallies: [ItemTally] = []
    for case .marker(let marker) in rig.finish() { tallies.append(marker.tally) }
    var expected = ItemTally()
    expected.late = 1
    expected.quarantined = 1
    #expect(tallies == [ItemTally(), expected, ItemTally()])
    let metrics = rig.channel(0).control.metrics()
    #expect(metrics.received == 5)
    #expect(metrics.processed == 4)
    #expect(metrics.late == 1)
    #expect(metrics.quarantined == 1)
  }

  @Test func aFlushWithoutAMarkerLeavesItsChannelsToTheNextOne() {
    let rig = Rig(channels: 2, capacity: 64)
    let router = LoopRouter(rig.router)
    let slot = StreamSlot(0)
    router.ticks.stages.append(record(symbol: 0, second: 1, price: 1, slot: 0), to: 0)
    guard case .done(0) = router.flush(slot: slot, read: nil) else { return #expect(Bool(false)) }
    router.ticks.stages.append(record(symbol: 1, second: 1, price: 1, slot: 0), to: 1)
    guard case .done(2) = router.flush(slot: slot, read: 0) else { return #expect(Bool(false)) }
    guard case .done(0) = router.flush(slot: slot, read: 1) else { return #expect(Bool(false)) }
    #expect(rig.finish().count == 2)
  }

  /// Paused, a channel takes what its ring holds and processes none of it; what stops it finishes it all the same.
  @Test func aPausedChannelKeepsItsInputUntilItIsResumedOrStopped() throws {
    let rig = Rig(channels: 1, capacity: 8)
    try rig.router.change(.pause, of: rig.channel(0))
    let router = LoopRouter(rig.router)
    for number in 0..<20 {
      router.ticks.stages.append(record(symbol: 0, second: number, price: 1, slot: 0), to: 0)
    }
    guard case .blocked = router.flush(slot: StreamSlot(0), read: 0) else { return #expect(Bool(false)) }
    #expect(rig.channel(0).control.metrics().state == .paused)
    #expect(rig.channel(0).control.metrics().received == 8)
    #expect(throws: IllegalChange.self) { try rig.router.change(.pause, of: rig.channel(0)) }
    // The batch that was under way when the pause began may have been empty only.
    #expect(rig.channel(0).control.metrics().processed == 0)
    try rig.router.change(.resume, of: rig.channel(0))
    while case .blocked = router.resume(slot: StreamSlot(0)) {}
    try? rig.router.change(.pause, of: rig.channel(0))
    #expect(rig.finish().count == 1)
    #expect(rig.channel(0).control.metrics().processed == 20)
    #expect(rig.channel(0).control.metrics().state == .stopped)
  }

  @Test func theWatermarkIsTheNewestTimeThatWasPassed() {
    let rig = Rig(channels: 1, capacity: 64)
    #expect(rig.channel(0).control.progress.passed == UnixNanos(0))
    _ = publish([[record(symbol: 0, second: 7, price: 1, slot: 0)]], slot: StreamSlot(0), to: rig)
    _ = rig.finish()
    #expect(rig.channel(0).control.progress.passed == UnixNanos(7_000_000_000))
    #expect(rig.channel(0).control.progress.isEmpty)
  }
}
