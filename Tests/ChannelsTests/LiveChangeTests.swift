import Detection
import Dispatch
import Events
import Glibc
import LockFree
import MarketData
import TestKit
import Testing

@testable import Channels

/// Changes that meet input on its way.
@Suite struct LiveChangeTests {
  private static func router(_ profiles: [Profile], clock: any Clock = SystemClock()) -> ChannelRouter {
    ChannelRouter(
      channels: [ChannelSettings(name: "ticks-1")], profiles: profiles, symbols: SymbolTable(capacity: 100),
      clock: clock)
  }

  private static func tick(_ symbol: SymbolID) -> TickRecord {
    TickRecord(
      Tick(symbol: symbol, conditions: [], eventTime: UnixNanos(1_715_731_200_000_000_000), price: 10, size: 1),
      receivedTime: UnixNanos(0), slot: StreamSlot(0), profile: 0)
  }

  /// A worker that stands still does not know the new profile: no symbol is placed under it until it does.
  @Test func nothingIsPlacedUnderAProfileThatAWorkerDoesNotKnow() throws {
    let old = Profile(name: "old", patterns: [SymbolPattern("OLD*")], calendar: .continuous)
    let clock = ManualClock()
    let router = Self.router([old], clock: clock)
    let output = ManyToOneQueue<SequencerInput>(capacity: 64)
    router.start(
      output: output,
      faults: FaultPlan(faults: [
        FaultPlan.Fault(channel: "ticks-1", kind: .stall, after: 0, every: 0, durationNanos: 3_600_000_000_000)
      ]))
    let way = LoopRouter(router)
    let symbol = try router.registry.resolve(symbol: "OLD1", type: .tick).get().symbol
    way.begin()
    way.ticks.stages.append(Self.tick(symbol), to: 0)
    _ = way.flush(slot: StreamSlot(0), read: 0)
    let done = DispatchSemaphore(value: 0)
    router.use([old, Profile(name: "new", patterns: [SymbolPattern("NEW*")], calendar: .continuous)]) { done.signal() }
    // Unless it has taken the profiles before it came to the item.
    let isDone = done.wait(timeout: .now()) == .success
    #expect(isDone || router.registry.resolve(symbol: "NEW1", type: .tick) == .failure(.noChannel))
    clock.step(by: 3_600_000_000_000)
    if !isDone { done.wait() }
    #expect(try router.registry.resolve(symbol: "NEW1", type: .tick).get().profile == 1)
    router.stop()
    output.close()
  }

  /// A read went into a channel before it opened; its marker, which comes when nothing works there any more, gets out all the same.
  @Test func aMarkerGetsOutOfAChannelThatFailsForEver() throws {
    let router = ChannelRouter(
      channels: [ChannelSettings(name: "ticks-1"), ChannelSettings(name: "ticks-2")],
      profiles: [Profile(name: "all", calendar: .continuous)], symbols: SymbolTable(capacity: 100),
      clock: ManualClock())
    let output = ManyToOneQueue<SequencerInput>(capacity: 64)
    router.start(
      output: output, faults: FaultPlan(faults: [FaultPlan.Fault(channel: "ticks-1", kind: .fail, after: 0, every: 1)]))
    let way = LoopRouter(router)
    let route = try #require(
      (0..<40).lazy.map { router.registry.resolve(symbol: "S\($0)", type: .tick) }
        .compactMap { try? $0.get() }.first { $0.channel == 0 })
    way.ticks.stages.append(Self.tick(route.symbol), to: 0)
    guard case .done(0) = way.flush(slot: StreamSlot(0), read: nil) else { return #expect(Bool(false)) }
    let control = try #require(router.channel(named: "ticks-1")).control
    #expect(
      Self.comesTrue { control.breaker == .open && router.channel(named: "ticks-2")?.control.metrics().processed == 1 })
    way.begin()
    var flushed = way.flush(slot: StreamSlot(0), read: 0)
    // The move may not have ended yet.
    let isThrough = Self.comesTrue {
      if case .blocked = flushed { flushed = way.resume(slot: StreamSlot(0)) }
      if case .done = flushed { return true }
      return false
    }
    guard isThrough, case .done(let markers) = flushed else { return #expect(Bool(false)) }
    // One more where the move came between.
    #expect(markers >= 2)
    #expect(Self.comesTrue { output.ring.poll(upTo: 64) == markers })
    router.stop()
    output.close()
  }

  /// The items before the one that it strikes go through, the others wait, and nothing counts as failed.
  @Test func aStallInTheMidstOfABatchLasts() throws {
    let clock = ManualClock()
    let router = Self.router([Profile(name: "all", calendar: .continuous)], clock: clock)
    let output = ManyToOneQueue<SequencerInput>(capacity: 64)
    let hour: Int64 = 3_600_000_000_000
    let way = LoopRouter(router)
    let symbol = try router.registry.resolve(symbol: "A", type: .tick).get().symbol
    router.start(
      output: output,
      faults: FaultPlan(faults: [
        FaultPlan.Fault(channel: "ticks-1", kind: .stall, after: 2, every: 0, durationNanos: hour)
      ]))
    way.begin()
    for _ in 0..<5 { way.ticks.stages.append(Self.tick(symbol), to: 0) }
    guard case .done(1) = way.flush(slot: StreamSlot(0), read: 0) else { return #expect(Bool(false)) }
    let control = try #require(router.channel(named: "ticks-1")).control
    #expect(Self.comesTrue { control.metrics().processed == 2 })
    clock.step(by: hour - 1)
    // The stalled worker looks at the clock again, and stays where it is.
    let before = clock.reads
    #expect(Self.comesTrue { clock.reads >= before + 3 })
    #expect(control.metrics().processed == 2)
    clock.step(by: 1)
    #expect(Self.comesTrue { control.metrics().processed == 5 && output.ring.poll(upTo: 9) == 1 })
    #expect(router.metrics().router.failures == 0)
    router.stop()
    output.close()
  }

  /// Waits for what another thread does; the bound is for a broken worker, not for luck.
  private static func comesTrue(_ condition: () -> Bool) -> Bool {
    let deadline = SystemClock().monotonicNow.nanoseconds + 20_000_000_000
    while SystemClock().monotonicNow.nanoseconds < deadline {
      if condition() { return true }
      usleep(1_000)
    }
    return false
  }

  @Test func aPausedChannelThatCannotDrainStaysPaused() throws {
    let router = Self.router([Profile(name: "all", calendar: .continuous)], clock: ManualClock())
    let control = try #require(router.channel(named: "ticks-1")).control
    try control.change(.pause)
    try control.change(.drain)
    #expect(!control.isHeld)
    control.cancelDrain()
    #expect(control.isHeld)
    #expect(control.metrics().state == .paused)
  }

  /// The producer was made before the channel was; what it pushes there without a marker is followed by one all the same.
  @Test func aMarkerFollowsIntoAChannelThatIsNewerThanTheProducer() throws {
    let router = Self.router([Profile(name: "all", calendar: .continuous)])
    let output = ManyToOneQueue<SequencerInput>(capacity: 64)
    router.start(output: output)
    let way = LoopRouter(router)
    _ = router.create(ChannelSettings(name: "ticks-2"))
    var symbols: [SymbolID] = []
    for number in 0..<40 {
      let route = try router.registry.resolve(symbol: "S\(number)", type: .tick).get()
      if route.channel == 1 { symbols.append(route.symbol) }
    }
    way.ticks.stages.grow(toCount: 2)
    for symbol in symbols { way.ticks.stages.append(Self.tick(symbol), to: 1) }
    guard !symbols.isEmpty, case .done(0) = way.flush(slot: StreamSlot(0), read: nil),
      case .done(let markers) = way.flush(slot: StreamSlot(0), read: 0)
    else { return #expect(Bool(false)) }
    #expect(markers == 1)
    var seen = 0
    let patience = Patience()
    while seen == 0, !patience.isOver {
      let count = output.ring.poll(upTo: 64)
      if count == 0 { output.await() }
      for index in 0..<count {
        if case .marker = output.ring.element(at: index) { seen += 1 }
      }
      output.ring.advance(by: count)
    }
    #expect(seen > 0)
    #expect(router.channel(named: "ticks-2")?.control.metrics().processed == UInt64(symbols.count))
    router.stop()
    output.close()
  }
}
