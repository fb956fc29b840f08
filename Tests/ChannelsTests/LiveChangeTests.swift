import Detection
import Dispatch
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

  @Test func aPausedChannelThatCannotDrainStaysPaused() throws {
    let router = Self.router([Profile(name: "all", calendar: .continuous)], clock: ManualClock())
    let core = try #require(router.channel(named: "ticks-1")).core
    try core.change(.pause)
    try core.change(.drain)
    #expect(!core.isHeld)
    core.cancelDrain()
    #expect(core.isHeld)
    #expect(core.metrics().state == .paused)
  }

  /// The lane was made before the channel was; what it pushes there without a marker is followed by one all the same.
  @Test func aMarkerFollowsIntoAChannelThatIsNewerThanTheLane() throws {
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
    while seen == 0 {
      let count = output.ring.poll(upTo: 64)
      if count == 0 { output.await() }
      for index in 0..<count {
        if case .marker = output.ring.element(at: index) { seen += 1 }
      }
      output.ring.advance(by: count)
    }
    #expect(router.channel(named: "ticks-2")?.core.metrics().processed == UInt64(symbols.count))
    router.stop()
    output.close()
  }
}
