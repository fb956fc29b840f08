import Detection
import Dispatch
import Events
import Glibc
import LockFree
import MarketData
import Synchronization
import TestKit
import Testing

@testable import Channels

/// Nobody waits for the whole of a large piece of work.
@Suite struct BoundedTurnTests {
  /// Each job posts the next one, as admins might who never cease; the ring's records have their turns between.
  @Test func recordsAreProcessedBetweenJobs() throws {
    let router = ChannelRouter(
      channels: [ChannelSettings(name: "ticks-1", maxBatch: 16)],
      profiles: [Profile(name: "all", calendar: .continuous)], symbols: SymbolTable(capacity: 10), clock: SystemClock())
    let output = ManyToOneQueue<SequencerInput>(capacity: 64)
    let symbol = try router.registry.resolve(symbol: "A", type: .tick).get().symbol
    router.start(output: output)
    let channel = try #require(router.ticks.channel(0))
    let isOver = Flag()
    let jobs = Counter()
    @Sendable func job() {
      _ = channel.post { _ in
        jobs.step()
        if !isOver.isSet { job() }
      }
    }
    job()
    let way = LoopRouter(router)
    way.begin()
    for second in 0..<100 as Range<Int64> {
      let tick = Tick(
        symbol: symbol, conditions: [], eventTime: UnixNanos((1_715_731_200 + second) * 1_000_000_000), price: 10,
        size: 1)
      way.ticks.stages.append(TickRecord(tick, receivedTime: UnixNanos(0), slot: StreamSlot(0), profile: 0), to: 0)
    }
    guard case .done(1) = way.flush(slot: StreamSlot(0), read: 0) else { return #expect(Bool(false)) }
    let patience = Patience()
    while channel.control.metrics().processed < 100, !patience.isOver { usleep(1_000) }
    #expect(channel.control.metrics().processed == 100)
    isOver.set()
    #expect(jobs.count > 0)
    router.stop()
    output.close()
  }

  /// Every symbol is forgotten, and the answer comes once, behind the last of them.
  @Test func aResetOfManySymbolsIsDoneInPieces() throws {
    let router = ChannelRouter(
      channels: [ChannelSettings(name: "ticks-1")], profiles: [Profile(name: "all", calendar: .continuous)],
      symbols: SymbolTable(capacity: 2_000), clock: SystemClock())
    let output = ManyToOneQueue<SequencerInput>(capacity: 64)
    let symbols = try (0..<1_300).map { try router.registry.resolve(symbol: "S\($0)", type: .tick).get().symbol }
    router.start(output: output)
    let way = LoopRouter(router)
    way.begin()
    for symbol in symbols {
      let tick = Tick(
        symbol: symbol, conditions: [], eventTime: UnixNanos(1_715_731_200_000_000_000), price: 10, size: 1)
      way.ticks.stages.append(TickRecord(tick, receivedTime: UnixNanos(0), slot: StreamSlot(0), profile: 0), to: 0)
    }
    guard case .done(1) = way.flush(slot: StreamSlot(0), read: 0) else { return #expect(Bool(false)) }
    let channel = router.channels[0]
    let patience = Patience()
    while channel.control.metrics().processed < 1_300, !patience.isOver { usleep(1_000) }
    let done = DispatchSemaphore(value: 0)
    channel.reset(symbols) { done.signal() }
    #expect(done.wait(timeout: .now() + 60) == .success)
    let found = Guarded(-1)
    channel.snapshots(of: symbols) { snapshots in
      found.withLock { $0 = snapshots.count { $0.lastPrice > 0 } }
      done.signal()
    }
    #expect(done.wait(timeout: .now() + 60) == .success)
    #expect(found.withLock { $0 } == 0)
    router.stop()
    output.close()
  }

  /// While a hundred thousand symbols are planned anew, and moved, an event loop that asks for a place gets its answers. Where the mutex is held all
  /// the while it gets one or two a move.
  @Test(arguments: [true, false])
  func aMoveLetsEventLoopsAskMeanwhile(isPlanned: Bool) throws {
    let count = 100_000
    let registry = SymbolRegistry(
      symbols: SymbolTable(capacity: count), profiles: [Profile(name: "all", calendar: .continuous)])
    let controls = (0..<2).map {
      ChannelControl(number: $0, settings: ChannelSettings(name: "ticks-\($0)"), clock: SystemClock())
    }
    for control in controls { registry.add(control) }
    let ids = try (0..<count).map { try registry.resolve(symbol: "S\($0)", type: .tick).get().symbol }
    for (from, to) in [(0, 1), (1, 0)] {
      let all = Dictionary(uniqueKeysWithValues: registry.symbols(on: controls[from]).map { ($0, to) })
      registry.move(all, from: controls[from], successor: nil)
    }
    #expect(registry.symbols(on: controls[0]).count == count && registry.counts.symbols[0] == UInt64(count))
    let isOver = Flag()
    let mover = NamedThread("mover") {
      for round in 0..<4 {
        if isPlanned {
          #expect(registry.rebalancing(.tick)[0]?.isEmpty == false)
        } else {
          let targets = Dictionary(uniqueKeysWithValues: ids.map { ($0, 1 - round % 2) })
          registry.move(targets, from: controls[round % 2], successor: controls[1 - round % 2])
        }
      }
      isOver.set()
    }
    var answers = 0
    while !isOver.isSet {
      guard case .success = registry.resolve(symbol: "S\(answers % count)", type: .tick) else {
        return #expect(Bool(false))
      }
      answers += 1
    }
    mover.join()
    #expect(answers >= 100, "\(answers) answers")
    #expect(registry.symbols(on: controls[0]).count == count && registry.counts.symbols[0] == UInt64(count))
  }

  /// Placed on a channel while it gives all away, and found where they were not: behind those that were planned.
  @Test func stragglersGoToTheSuccessor() throws {
    let registry = SymbolRegistry(
      symbols: SymbolTable(capacity: 40_000), profiles: [Profile(name: "all", calendar: .continuous)])
    let control = ChannelControl(number: 0, settings: ChannelSettings(name: "ticks-0"), clock: SystemClock())
    registry.add(control)
    let ids = try (0..<40_000).map { try registry.resolve(symbol: "S\($0)", type: .tick).get().symbol }
    let successor = ChannelControl(number: 1, settings: ChannelSettings(name: "ticks-1"), clock: SystemClock())
    registry.add(successor)
    let planned = Dictionary(
      uniqueKeysWithValues: ids.enumerated().filter { $0.offset % 7 != 3 }.map { ($0.element, 1) })
    registry.move(planned, from: control, successor: successor)
    #expect(registry.symbols(on: control).isEmpty)
    #expect(registry.symbols(on: successor).count == 40_000)
    #expect(registry.counts.symbols == [0: 0, 1: 40_000])
  }

  private final class Flag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .acquiring) }
    func set() { flag.store(true, ordering: .releasing) }
  }

  private final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    var count: Int { value.load(ordering: .relaxed) }
    func step() { value.wrappingAdd(1, ordering: .relaxed) }
  }
}
