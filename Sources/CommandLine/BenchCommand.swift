internal import ArgumentParser
internal import Events
internal import Foundation
internal import Histogram
internal import LockFree
internal import MarketData
internal import NIOCore
internal import NIOPosix
internal import Server
internal import Transport
internal import WireCodec

struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measures a server under load over loopback.",
    discussion: """
      Without --server a server is started for the measurement, in a process of its own, with the continuous calendar. Load is open-loop: latencies
      count from the moment at which a message was due, not from when it could be sent. With --rate 0 as much is sent as the server takes.

      Modes: packed (one tick a message, many messages a frame), frame (one tick a message, one message a frame), batch (--batch ticks a
      message), columns (--batch ticks a message, by column).

      Examples:
        penstock bench --mode packed --rate 0
        penstock bench --mode batch --batch 64 --rate 50000 --json
      """)

  enum Mode: String, ExpressibleByArgument, CaseIterable {
    case packed, frame, batch, columns
  }

  @Option(name: .long, help: "HOST:PORT of a running server.")
  var server: String?

  @Option(name: .long, help: "Configuration file for the server that is started.")
  var config: String?

  @Option(name: .long, help: "packed, frame, batch or columns.")
  var mode = Mode.packed

  @Option(
    name: .long, parsing: .unconditional,
    help: "Ticks a message, 1 to 65536, in modes batch and columns; 64 where not given.")
  var batch: Int?

  @Option(name: .long, parsing: .unconditional, help: "Publishing connections, 1 to 64.")
  var connections = 1

  @Option(name: .long, parsing: .unconditional, help: "Symbols, 1 to 1000000.")
  var symbols = 500

  @Option(name: .long, parsing: .unconditional, help: "Subscribers to all events, a hundred a connection, 1 to 10000.")
  var subscribers = 1

  @Option(
    name: .long, parsing: .unconditional, help: "Ticks a second over all connections, at most 1e9; 0 = as many as go.")
  var rate = 0.0

  @Option(
    name: .long, parsing: .unconditional, help: "Seconds to measure, above 0, at most 86400, after one of warm-up.")
  var seconds = 5.0

  @Flag(name: .long, help: "Results as JSON.")
  var json = false

  private func check() throws {
    func refuse(_ option: String, _ value: Any, _ range: String) -> CommandFailure {
      CommandFailure(.usage, "--\(option) is \(value); must be \(range)")
    }
    if let batch {
      guard (1...65_536).contains(batch) else { throw refuse("batch", batch, "from 1 to 65536") }
      guard mode == .batch || mode == .columns else {
        throw CommandFailure(.usage, "--batch is for the modes batch and columns; \(mode.rawValue) sends single ticks")
      }
    }
    guard (1...64).contains(connections) else { throw refuse("connections", connections, "from 1 to 64") }
    guard (1...1_000_000).contains(symbols) else { throw refuse("symbols", symbols, "from 1 to 1000000") }
    guard (1...10_000).contains(subscribers) else { throw refuse("subscribers", subscribers, "from 1 to 10000") }
    guard seconds > 0, seconds <= 86_400 else { throw refuse("seconds", seconds, "above 0, at most 86400") }
    guard (0...1e9).contains(rate) else { throw refuse("rate", rate, "from 0 to 1e9") }
    guard server == nil || config == nil else {
      throw CommandFailure(.usage, "--config is for a server that is started; --server names one that runs")
    }
  }

  func run() async throws {
    try check()
    let child = server == nil ? try BenchServer(config: config) : nil
    defer { child?.stop() }
    let address = try ListenOption.parse(server ?? child?.address ?? "")
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let ticksPerMessage = mode == .packed || mode == .frame ? 1 : batch ?? 64
    var streams: [BenchStream] = []
    for index in 0..<connections {
      let load = BenchLoad(
        mode: mode, ticksPerMessage: ticksPerMessage, symbols: symbols, seed: UInt64(index + 1), index: index)
      streams.append(
        try await BenchStream.open(
          address, group, load: load, oneMessageAFrame: mode == .frame,
          messagesPerSecond: rate / Double(ticksPerMessage) / Double(connections)))
    }
    let subscriber = try await BenchProbe.open(address, group, subscriptions: min(100, subscribers))
    var others: [BenchProbe] = []
    for first in stride(from: 100, to: subscribers, by: 100) {
      others.append(try await BenchProbe.open(address, group, subscriptions: min(100, subscribers - first)))
    }
    defer { withExtendedLifetime(others) {} }
    for stream in streams { stream.start() }
    try await Task.sleep(nanoseconds: 1_000_000_000)
    let before = try await subscriber.serverMetrics()
    for stream in streams { stream.beginMeasuring() }
    let clock = SystemClock()
    let start = clock.monotonicNow.nanoseconds
    try await Task.sleep(nanoseconds: UInt64(seconds * 1e9))
    let after = try await subscriber.serverMetrics()
    let elapsed = Double(clock.monotonicNow.nanoseconds - start) / 1e9
    var latency = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
    for stream in streams {
      let measured = await stream.stop()
      for value in measured { latency.record(UInt64(max(1, value))) }
    }
    let ticks = Double(after.publishedItems - before.publishedItems)
    let cpu = after.cpuSeconds - before.cpuSeconds
    let result = BenchResult(
      mode: mode.rawValue, ticksPerMessage: ticksPerMessage, connections: connections, symbols: symbols,
      seconds: elapsed,
      ticksPerSecond: ticks / elapsed, messagesPerSecond: ticks / Double(ticksPerMessage) / elapsed,
      cpuNanosPerTick: ticks > 0 ? cpu * 1e9 / ticks : 0,
      cpuNanosPerMessage: ticks > 0 ? cpu * 1e9 / ticks * Double(ticksPerMessage) : 0,
      ackMicros: BenchResult.percentiles(latency),
      tickToEventMicros: [
        after.tickToEvent.p50, after.tickToEvent.p90, after.tickToEvent.p99, after.tickToEvent.p999,
        after.tickToEvent.max,
      ].map { Double($0) / 1_000 },
      events: after.lastEventSequence - before.lastEventSequence, residentMiB: Double(after.residentBytes) / 1_048_576)
    Output.line(try json ? result.json() : result.table)
  }
}

/// What one measurement found.
struct BenchResult: Encodable {
  var mode: String
  var ticksPerMessage: Int
  var connections: Int
  var symbols: Int
  var seconds: Double
  var ticksPerSecond: Double
  var messagesPerSecond: Double
  /// Of the server, user and system, all threads.
  var cpuNanosPerTick: Double
  var cpuNanosPerMessage: Double
  /// p50, p90, p99, p99.9, max.
  var ackMicros: [Double]
  var tickToEventMicros: [Double]
  var events: UInt64
  var residentMiB: Double

  static func percentiles(_ histogram: Histogram<UInt64>) -> [Double] {
    guard histogram.totalCount > 0 else { return [] }
    return [50, 90, 99, 99.9, 100].map { Double(histogram.valueAtPercentile($0)) / 1_000 }
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  var table: String {
    func row(_ name: String, _ values: [Double]) -> String {
      name + values.map { String(format: "%12.1f", $0) }.joined()
    }
    return """
      \(mode), \(ticksPerMessage) ticks a message, \(connections) connections, \(symbols) symbols, \(String(format: "%.1f", seconds)) s
        ticks a second       \(Int(ticksPerSecond))
        messages a second    \(Int(messagesPerSecond))
        server CPU a tick    \(String(format: "%.1f", cpuNanosPerTick)) ns
        server CPU a message \(String(format: "%.1f", cpuNanosPerMessage)) ns
        events               \(events)
        resident             \(String(format: "%.0f", residentMiB)) MiB
                                  p50         p90         p99       p99.9         max  (µs)
      \(row("  acknowledgement  ", ackMicros))
      \(row("  tick to event    ", tickToEventMicros))
      """
  }
}
