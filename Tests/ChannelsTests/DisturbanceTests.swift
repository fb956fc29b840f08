import DataFiles
import Detection
import Events
import Foundation
import LockFree
import MarketData
import Synchronization
import TestKit
import Testing

@testable import Channels

/// Channels that are tripped, paused, drained, started, updated and rebalanced while ticks flow give the events of one undisturbed engine.
///
/// `PENSTOCK_SEEDS` says how many seeds: more than the 200 of every run find what is rare.
@Suite struct DisturbanceTests {
  private static let seeds = (0..<(Int(ProcessInfo.processInfo.environment["PENSTOCK_SEEDS"] ?? "") ?? 200))
  private static let loops = 2
  private static let symbols = 24

  @Test(arguments: seeds)
  func eventsAreThoseOfAnUndisturbedEngine(seed: Int) {
    let ticks = Self.ticks(seed: UInt64(seed), count: 6_000)
    let disturbed = Self.run(ticks, seed: UInt64(seed))
    let expected = Self.reference(ticks)
    for (symbol, events) in expected {
      let found = disturbed.events[symbol] ?? []
      let same = zip(found, events).prefix { $0 == $1 }.count
      let next = (found.dropFirst(same).first, events.dropFirst(same).first)
      if found != events {
        Issue.record("symbol \(symbol): \(found.count) events, not \(events.count); after \(same): \(next)")
      }
    }
    #expect(disturbed.markersOut == disturbed.markersIn)
    #expect(disturbed.received == UInt64(ticks.count))
    #expect(disturbed.done == UInt64(ticks.count))
  }

  private struct Outcome {
    /// By symbol, in order.
    var events: [UInt32: [MarketEvent]] = [:]
    var markersIn = 0
    var markersOut = 0
    var received: UInt64 = 0
    var done: UInt64 = 0
  }

  private static func ticks(seed: UInt64, count: Int) -> [Tick] {
    var generator = MarketGenerator(
      seed: seed, symbols: symbols, rate: 40, startNanos: 1_715_731_200_000_000_000)
    var ids: [String: UInt32] = [:]
    return (0..<count).map { _ in
      let row = generator.next()
      let id = ids[row.symbol] ?? UInt32(ids.count)
      ids[row.symbol] = id
      return Tick(
        symbol: SymbolID(id), conditions: [], eventTime: UnixNanos(row.timestampNanos), price: row.price, size: row.size
      )
    }
  }

  private static func reference(_ ticks: [Tick]) -> [UInt32: [MarketEvent]] {
    var engine = TickEngine(channelProfiles: [Profile(name: "all", calendar: .continuous)])
    let prices = LastPriceTable(symbols: symbols)
    var events: [MarketEvent] = []
    for tick in ticks { _ = engine.take(tick, profile: 0, lastPrices: prices, events: &events) }
    return Dictionary(grouping: events, by: \.symbol.index)
  }

  private static func run(_ ticks: [Tick], seed: UInt64) -> Outcome {
    let table = SymbolTable(capacity: symbols)
    var breaker = BreakerSettings()
    breaker.openNanos = 10_000_000
    breaker.openMaxNanos = 10_000_000
    breaker.consecutiveFailures = 2
    let settings = (1...3).map { number in
      var settings = ChannelSettings(name: "ticks-\(number)", ringCapacity: 64, maxBatch: 16)
      settings.breaker = breaker
      return settings
    }
    let router = ChannelRouter(
      channels: settings, profiles: [Profile(name: "all", calendar: .continuous)], symbols: table, clock: SystemClock())
    for symbol in 0..<symbols { _ = router.registry.resolve(symbol: "S\(symbol)", type: .tick) }
    let output = ManyToOneQueue<SequencerInput>(capacity: 256)
    let collected = Guarded<[SequencerInput]>([])
    let collector = NamedThread("collector") {
      while !output.ring.isDrained {
        let count = output.ring.poll(upTo: 64)
        if count == 0 { output.await() }
        let run = (0..<count).map { output.ring.element(at: $0) }
        output.ring.advance(by: count)
        collected.withLock { $0 += run }
      }
    }
    // Every third seed also fails batches of two channels now and then.
    let faults = FaultPlan(
      faults: seed % 3 == 0
        ? ["ticks-1", "ticks-2"].map { FaultPlan.Fault(channel: $0, kind: .fail, after: 50, every: 173) } : [])
    router.start(output: output, faults: faults)
    let busy = Atomic<Int>(loops)
    let markers = Atomic<Int>(0)
    let threads = (0..<loops).map { loop in
      NamedThread("loop") {
        let mine = ticks.filter { Int($0.symbol.index) % loops == loop }
        markers.add(publish(mine, loop: loop, router), ordering: .relaxed)
        busy.subtract(1, ordering: .releasing)
      }
    }
    disturb(router, seed: seed) { busy.load(ordering: .acquiring) > 0 }
    for thread in threads { thread.join() }
    router.stop()
    output.close()
    collector.join()
    var outcome = Outcome()
    outcome.markersIn = markers.load(ordering: .relaxed)
    for input in collected.withLock({ $0 }) {
      switch input {
      case .marker: outcome.markersOut += 1
      case .event(var event):
        (event.receivedTime, event.detectedTime) = (UnixNanos(0), UnixNanos(0))
        (event.channel, event.configVersion) = (0, 0)
        outcome.events[event.symbol.index, default: []].append(event)
      }
    }
    for channel in router.channels {
      let metrics = channel.control.metrics()
      #expect(metrics.received == metrics.processed + metrics.failed + metrics.dropped + metrics.late)
      outcome.received += metrics.received - metrics.failed
      outcome.done += metrics.processed + metrics.late
    }
    return outcome
  }

  /// Pushes reads of some ticks as an event loop would.
  private static func publish(_ ticks: [Tick], loop: Int, _ router: ChannelRouter) -> Int {
    let way = LoopRouter(router)
    let slot = StreamSlot(UInt32(loop))
    var markers = 0
    var read: UInt64 = 0
    var next = 0
    let routes = RememberedRoutes()
    while next < ticks.count {
      let end = min(next + 7 + Int(read % 13), ticks.count)
      way.begin(updating: routes)
      for tick in ticks[next..<end] {
        guard let place = routes.place(of: tick.symbol, in: router.registry) else { continue }
        way.ticks.stages.append(
          TickRecord(tick, receivedTime: UnixNanos(0), slot: slot, profile: 0), to: place)
      }
      next = end
      // Every fourth push belongs to a read that goes on.
      let closes = read % 4 != 3 || next == ticks.count
      var result = way.flush(slot: slot, read: closes ? read : nil)
      while case .blocked(let control) = result {
        let woken = DispatchSemaphore(value: 0)
        control.notifyOfRoom { woken.signal() }
        if woken.wait(timeout: .now() + 60) == .timedOut {
          Issue.record("nobody woke the stream that waits for \(control.name): \(control.metrics())")
          return markers
        }
        way.begin(updating: routes)
        result = way.resume(slot: slot)
      }
      if case .done(let count) = result { markers += count }
      read += 1
    }
    return markers
  }

  /// Steers the channels at random until the publishers are done, and leaves them able to end.
  private static func disturb(_ router: ChannelRouter, seed: UInt64, while isBusy: () -> Bool) {
    var random = SeededRandom(seed: seed)
    while isBusy() {
      let channel = router.channels[Int(random.next() % 3)]
      switch random.next() % 9 {
      case 0: channel.force(.trip) {}
      case 1, 2: channel.force(.reset) {}
      case 3: try? router.change(.pause, of: channel)
      case 4: for channel in router.channels { try? router.change(.resume, of: channel) }
      case 5:
        var settings = channel.control.settings
        settings.maxBatch = 1 + Int(random.next() % 64)
        router.use(settings, for: channel) {}
      case 6:
        router.registry.setRule(
          RoutingRule(strategy: RoutingStrategy.allCases[Int(random.next() % 5)], seed: random.next()), of: .tick)
        router.rebalance(.tick) { _ in }
      case 7:
        guard router.registry.hasSibling(of: channel.control), (try? router.change(.drain, of: channel)) != nil else {
          break
        }
        let done = DispatchSemaphore(value: 0)
        channel.evacuate(.drain) { _ in done.signal() }
        if done.wait(timeout: .now() + 60) == .timedOut { Issue.record("a drain of \(channel.control.name) hangs") }
      default:
        for channel in router.channels where channel.control.state == .stopped { try? router.restart(channel) }
      }
      usleep(UInt32(random.next() % 400))
      // Nothing stays shut for good.
      if router.channels.allSatisfy({ !$0.control.isWell }) {
        for channel in router.channels {
          channel.force(.reset) {}
          try? router.change(.resume, of: channel)
        }
      }
    }
  }
}
