import Detection
import Dispatch
import Events
import Foundation
import Glibc
import LockFree
import MarketData
import TestKit
import Testing

@testable import Channels

/// What a worker's time is spent on, and what of it counts against its channel.
@Suite struct WorkerTimeTests {
  /// One tick channel, the last of its kind: where its breaker had to open it starts again.
  private final class Rig {
    let router: ChannelRouter
    let output: ManyToOneQueue<SequencerInput>
    let way: LoopRouter
    let symbol: SymbolID
    private var second: Int64 = 1_715_731_200
    private var price = 100.0
    private var read: UInt64 = 0

    init(_ settings: ChannelSettings, clock: any Clock, output: Int, faults: [FaultPlan.Fault] = []) throws {
      router = ChannelRouter(
        channels: [settings], profiles: [Profile(name: "all", calendar: .continuous)],
        symbols: SymbolTable(capacity: 100), clock: clock)
      self.output = ManyToOneQueue(capacity: output)
      symbol = try router.registry.resolve(symbol: "A", type: .tick).get().symbol
      router.start(output: self.output, faults: FaultPlan(faults: faults))
      way = LoopRouter(router)
    }

    var metrics: ChannelMetricsSnapshot { router.channels[0].control.metrics() }

    /// One read of rising ticks: each but the first of all is a new HIGH.
    func push(_ count: Int) {
      way.begin()
      for _ in 0..<count {
        second += 1
        price *= 1.0006
        let tick = Tick(
          symbol: symbol, conditions: [], eventTime: UnixNanos(second * 1_000_000_000), price: price, size: 1)
        way.ticks.stages.append(
          TickRecord(tick, receivedTime: UnixNanos(0), slot: StreamSlot(0), profile: 0), to: 0)
      }
      guard case .done(1) = way.flush(slot: StreamSlot(0), read: read) else { return #expect(Bool(false)) }
      read += 1
    }

    /// Takes what comes out until so many markers have.
    func take(markers: Int) {
      var left = markers
      let deadline = ContinuousClock.now + .seconds(20)
      while left > 0 {
        guard ContinuousClock.now < deadline else { return #expect(Bool(false), "\(left) markers have not come") }
        let count = output.ring.poll(upTo: 64)
        if count == 0 { output.await(atMost: 10_000_000) }
        for index in 0..<count {
          if case .marker = output.ring.element(at: index) { left -= 1 }
        }
        output.ring.advance(by: count)
      }
    }

    func stop() {
      output.close()
      router.stop()
    }
  }

  private static func comesTrue(_ condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
      if condition() { return true }
      usleep(1_000)
    }
    return false
  }

  private static func sensitive(_ batching: BatchingStrategy = .immediate) -> ChannelSettings {
    var settings = ChannelSettings(name: "ticks-1", ringCapacity: 1_024, batching: batching)
    settings.breaker.minBatches = 1
    return settings
  }

  /// The sequencer is an hour late, at the batch's end or already in its midst, behind 256 events: the channel's items took no time.
  @Test(arguments: [10, 600])
  func aBatchThatWaitsForTheSequencerIsNotSlow(items: Int) throws {
    let clock = ManualClock()
    let rig = try Rig(Self.sensitive(), clock: clock, output: 2)
    rig.push(items)
    #expect(Self.comesTrue { rig.output.ring.poll(upTo: 2) == 2 })
    clock.step(by: 3_600_000_000_000)
    rig.take(markers: 1)
    // Behind this one's marker the breaker has judged the batch before.
    rig.push(1)
    rig.take(markers: 1)
    let metrics = rig.metrics
    #expect(metrics.restarts == 0 && metrics.state == .running && metrics.breaker == .closed)
    // A worker that wakes in the midst of a push takes it in two.
    #expect(metrics.batches >= 2)
    #expect(metrics.processingLatency.max == 0)
    rig.stop()
  }

  /// A drill that makes items slow makes them slow for the breaker, too.
  @Test func aDrillOfSlowItemsIsJudged() throws {
    let rig = try Rig(
      Self.sensitive(), clock: SystemClock(), output: 1_024,
      faults: [FaultPlan.Fault(channel: "ticks-1", kind: .slow, after: 0, every: 1, durationNanos: 30_000_000)])
    for _ in 0..<3 { rig.push(1) }
    rig.take(markers: 3)
    #expect(Self.comesTrue { rig.metrics.restarts >= 1 })
    #expect(rig.metrics.processingLatency.max >= 10_000_000)
    rig.stop()
  }

  /// Two milliseconds between two pushes and an interval of fifty: some 25 pushes a batch, none of which wakes the worker.
  @Test func intervalsAreSleptThrough() throws {
    var settings = Self.sensitive(.time)
    settings.name = "interval"
    settings.maxWaitNanos = 50_000_000
    let rig = try Rig(settings, clock: SystemClock(), output: 4_096)
    #expect(Self.comesTrue { Self.sleeps(of: "interval") != nil })
    let before = try #require(Self.sleeps(of: "interval"))
    for _ in 0..<300 {
      rig.push(1)
      usleep(2_000)
    }
    #expect(Self.comesTrue { rig.metrics.processed == 300 })
    let sleeps = try #require(Self.sleeps(of: "interval")) - before
    let batches = Int(rig.metrics.batches)
    // The kernel counts sleeps at locks, too, and a sanitizer's runtime has many; a worker that each push wakes sleeps 300 times.
    let isSanitized = ProcessInfo.processInfo.environment["PENSTOCK_SANITIZER"] != nil
    #expect(sleeps <= (isSanitized ? 150 : batches * 2 + 10), "\(sleeps) sleeps for \(batches) batches")
    rig.stop()
  }

  /// How often a thread of this process has gone to sleep.
  private static func sleeps(of thread: String) -> Int? {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    for task in tasks {
      guard let status = try? String(contentsOfFile: "/proc/self/task/\(task)/status", encoding: .utf8),
        status.hasPrefix("Name:\t\(thread)\n")
      else { continue }
      let line = status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") }
      return line.flatMap { Int($0.split(separator: "\t")[1]) }
    }
    return nil
  }
}
