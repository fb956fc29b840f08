import Channels
import Dispatch
import Events
import LockFree
import MarketData
import Synchronization
import Testing
import WireCodec

/// What a decoder remembers follows moves of symbols without being forgotten.
@Suite struct RememberedRoutesTests {
  private static let now = UnixNanos(1_700_000_000_000_000_000)
  private static let names = (0..<5_000).map { $0 % 5 == 0 ? "A-LONG-SYMBOL-\($0)" : "S\($0)" }

  private final class CountingResolver: SymbolResolver {
    private let registry: SymbolRegistry
    private let asked = Atomic<Int>(0)
    var count: Int { asked.load(ordering: .relaxed) }

    init(_ registry: SymbolRegistry) { self.registry = registry }

    func maxAheadNanos(ofNew symbol: RawSpan, type: ChannelType) -> Int64? {
      registry.maxAheadNanos(ofNew: symbol, type: type)
    }

    func knownRoute(of symbol: RawSpan, type: ChannelType) -> SymbolRoute? {
      asked.wrappingAdd(1, ordering: .relaxed)
      return registry.knownRoute(of: symbol, type: type)
    }

    func resolve(symbol: RawSpan, type: ChannelType) -> Result<SymbolRoute, RejectionCode> {
      asked.wrappingAdd(1, ordering: .relaxed)
      return registry.resolve(symbol: symbol, type: type)
    }
  }

  /// Two channels, and an event loop that has seen every symbol.
  private struct Rig {
    let router: ChannelRouter
    let loop: LoopRouter
    let resolver: CountingResolver
    let decoder: PublishDecoder
    let output = ManyToOneQueue<SequencerInput>(capacity: 65_536)

    init() throws {
      var breaker = BreakerSettings()
      (breaker.openNanos, breaker.openMaxNanos) = (3_600_000_000_000, 3_600_000_000_000)
      let settings = (1...2).map { number in
        var settings = ChannelSettings(name: "ticks-\(number)", ringCapacity: 65_536)
        settings.breaker = breaker
        return settings
      }
      router = ChannelRouter(
        channels: settings, profiles: [Self.profile(maxAheadNanos: 1_000)], symbols: SymbolTable(capacity: 10_000),
        clock: SystemClock())
      loop = LoopRouter(router)
      resolver = CountingResolver(router.registry)
      decoder = PublishDecoder(resolver: resolver, runs: loop.ticks.stages)
      router.start(output: output)
      loop.begin(updating: decoder)
      #expect(try publish(RememberedRoutesTests.names) == RememberedRoutesTests.names.count)
      _ = loop.flush(slot: StreamSlot(0), read: 0)
    }

    static func profile(maxAheadNanos: Int64) -> Profile {
      Profile(name: "all", calendar: .continuous, maxAheadNanos: maxAheadNanos)
    }

    /// - Returns: how many were accepted.
    func publish(_ names: [String], ahead nanos: Int64 = 0) throws -> Int {
      let now = RememberedRoutesTests.now
      decoder.begin(now: now, slot: StreamSlot(0), receivedTime: now)
      let ticks = names.map {
        ClientTick(symbol: $0, timestampNanos: now.nanoseconds + nanos, price: 10, size: 1, conditions: 0)
      }
      return try decoder.decode(ClientRequests.publish(columns: ticks, sequence: 1).span.bytes).accepted
    }

    func trip(_ number: Int) {
      let done = DispatchSemaphore(value: 0)
      router.channels[number].force(.trip) { done.signal() }
      #expect(done.wait(timeout: .now() + 60) == .success)
    }

    func end() {
      router.stop()
      output.close()
    }
  }

  /// Forgotten, each of the symbols would be asked for again, under the registry's mutex.
  @Test func aMoveHasNoSymbolAskedForAgain() throws {
    let rig = try Rig()
    let before = rig.resolver.count
    rig.trip(0)
    // Until all are corrected, records for the closed input are led on at their push; a bounded number is corrected before each read.
    var reads = 0
    repeat {
      rig.loop.begin(updating: rig.decoder)
      #expect(try rig.publish(Self.names) == Self.names.count)
      reads += 1
      let isSettled = rig.loop.ticks.stages.touched == [1]
      guard case .done = rig.loop.flush(slot: StreamSlot(0), read: UInt64(reads)) else {
        Issue.record("the channel that is left has room, and takes all")
        break
      }
      if isSettled { break }
    } while reads < 100
    #expect(reads > 2 && reads < 20, "\(reads) reads")
    #expect(rig.resolver.count == before)
    rig.end()
  }

  @Test func otherLimitsReachTheSymbolsThatAreRemembered() throws {
    let rig = try Rig()
    let before = rig.resolver.count
    #expect(try rig.publish(Array(Self.names.prefix(100)), ahead: 2_000) == 0)
    let done = DispatchSemaphore(value: 0)
    rig.router.use([Rig.profile(maxAheadNanos: 5_000)]) { done.signal() }
    #expect(done.wait(timeout: .now() + 60) == .success)
    for _ in 0..<20 { rig.loop.begin(updating: rig.decoder) }
    #expect(try rig.publish(Self.names, ahead: 2_000) == Self.names.count)
    #expect(rig.resolver.count == before)
    _ = rig.loop.flush(slot: StreamSlot(0), read: 1)
    rig.end()
  }
}
