internal import Channels
internal import Detection
internal import Dispatch
internal import Events
internal import LockFree
internal import MarketData

/// What it takes to move all symbols of a channel to its sibling, and to change their settings: wall time, with the worker's wake-up.
///
/// `moves [SYMBOLS]`: two channels, so many symbols [10,000] with state on one of them, 40 times each. A failover lasts from the call that opens
/// the breaker until a tick that was pushed into the sibling behind it has been processed; an update from its call until the worker, which looks
/// at every symbol's settings meanwhile, goes on.
enum ChannelMoves {
  private static let rounds = 40

  static func run(_ arguments: [String]) {
    let symbols = arguments.first.flatMap { Int($0) } ?? 10_000
    let bench = MovesBench(symbols: symbols)
    bench.warmUp()
    report("failover of \(symbols) symbols", (0..<rounds).map { _ in bench.failOver() })
    report("new detector settings for \(symbols) symbols", (0..<rounds).map { bench.changeProfile(round: $0) })
    report("new batching settings", (0..<rounds).map { bench.changeChannel(round: $0) })
    bench.end()
  }

  private static func report(_ what: String, _ nanos: [Int64]) {
    let sorted = nanos.sorted()
    func micros(_ index: Int) -> String { (Double(sorted[index]) / 1_000).fixed(0) }
    print("\(what): median \(micros(sorted.count / 2)) us, longest \(micros(sorted.count - 1)) us")
  }
}

private final class MovesBench {
  private let clock = SystemClock()
  private let router: ChannelRouter
  private let loop: LoopRouter
  private let output = ManyToOneQueue<SequencerInput>(capacity: 4_096)
  private let names: [String]
  private var read: UInt64 = 0
  private var second: Int64 = 0

  init(symbols count: Int) {
    var breaker = BreakerSettings()
    // Nothing but the benchmark closes it again.
    (breaker.openNanos, breaker.openMaxNanos) = (3_600_000_000_000, 3_600_000_000_000)
    let settings = (1...2).map { number in
      var settings = ChannelSettings(name: "ticks-\(number)", ringCapacity: 65_536, maxBatch: 1_024)
      settings.breaker = breaker
      return settings
    }
    router = ChannelRouter(
      channels: settings, profiles: [Profile(name: "all", calendar: .continuous)],
      symbols: SymbolTable(capacity: count), clock: clock)
    names = (0..<count).map { "S\($0)" }
    router.start(output: output)
    loop = LoopRouter(router)
  }

  /// Gives every symbol a state, all on the second channel.
  func warmUp() {
    for _ in 0..<3 { pushAll() }
    force(.trip, 0)
    force(.reset, 0)
  }

  func end() {
    router.stop()
    output.close()
  }

  /// All symbols from the channel that has them to the other.
  func failOver() -> Int64 {
    let from = Int(route(of: names[0]).channel)
    let start = clock.monotonicNow
    force(.trip, from)
    push(names.prefix(1))
    let nanos = clock.monotonicNow.nanoseconds - start.nanoseconds
    precondition(names.allSatisfy { Int(route(of: $0).channel) == 1 - from }, "not all have moved")
    force(.reset, from)
    pushAll()
    return nanos
  }

  func changeProfile(round: Int) -> Int64 {
    var profile = router.profiles[0]
    profile.tick.surge.z = 3 + Double(round) / 100
    profile.configVersion += 1
    return timed { router.use([profile], $0) }
  }

  func changeChannel(round: Int) -> Int64 {
    var settings = router.channels[0].control.settings
    settings.maxBatch = 512 + round
    return timed { router.use(settings, for: router.channels[0], $0) }
  }

  private func timed(_ body: (@escaping @Sendable () -> Void) -> Void) -> Int64 {
    let done = DispatchSemaphore(value: 0)
    let start = clock.monotonicNow
    body { done.signal() }
    done.wait()
    return clock.monotonicNow.nanoseconds - start.nanoseconds
  }

  private func force(_ force: ForcedBreaker, _ number: Int) {
    let done = DispatchSemaphore(value: 0)
    router.channels[number].force(force) { done.signal() }
    done.wait()
  }

  private func pushAll() {
    for start in stride(from: 0, to: names.count, by: 1_000) {
      push(names[start..<min(start + 1_000, names.count)])
    }
  }

  private func route(of name: String) -> SymbolRoute {
    guard case .success(let route) = router.registry.resolve(symbol: name, type: .tick) else {
      preconditionFailure("the table has room for \(name)")
    }
    return route
  }

  /// One read with a tick of each symbol; returns when the channels have processed it.
  private func push(_ names: some Collection<String>) {
    second += 1
    read += 1
    loop.begin()
    for name in names {
      let route = route(of: name)
      let tick = Tick(
        symbol: route.symbol, conditions: [], eventTime: UnixNanos(1_715_731_200_000_000_000 + second * 1_000_000_000),
        price: 100 + Double(second % 7) / 100, size: 1)
      loop.ticks.stages.append(
        ItemRecord(tick, receivedTime: clock.unixNow, slot: StreamSlot(0), profile: 0),
        to: Int(route.channel))
    }
    guard case .done(var markers) = loop.flush(slot: StreamSlot(0), read: read) else {
      preconditionFailure("the rings have room for a whole read")
    }
    while markers > 0 {
      let count = output.ring.poll(upTo: 64)
      if count == 0 { output.await() }
      for index in 0..<count {
        if case .marker = output.ring.element(at: index) { markers -= 1 }
      }
      output.ring.advance(by: count)
    }
  }
}
