internal import Detection
internal import Foundation
internal import MarketData

/// What a symbol costs: resident bytes of its detectors' state, and the time of a tick when every tick meets another symbol.
///
/// `symbols [COUNT]`: so many symbols [100,000], twenty ticks each, one after the other through all of them.
enum SymbolMemory {
  static func run(_ arguments: [String]) {
    let symbols = arguments.first.flatMap { Int($0) } ?? 100_000
    let rounds = 20
    var engine = TickEngine(
      profiles: [TickProfile(name: "default", calendar: .continuous, settings: TickDetectorSettings())])
    var events: [MarketEvent] = []
    let before = residentBytes
    func round(_ number: Int) {
      for symbol in 0..<symbols {
        let tick = Tick(
          symbol: SymbolID(UInt32(symbol)), conditions: [],
          eventTime: UnixNanos(1_715_731_200_000_000_000 + Int64(number) * 100_000_000),
          price: 100 + Double((symbol &+ number) % 7) / 100, size: 1)
        _ = engine.process(tick, profile: 0, events: &events)
      }
      events.removeAll(keepingCapacity: true)
    }
    round(0)
    let after = residentBytes
    let cost = Stopwatch.cpuNanos { for number in 1..<rounds { round(number) } }
    print(
      "\(symbols) symbols: \((after - before) / symbols) bytes each, \((Double(cost) / Double(symbols * (rounds - 1))).fixed(1)) ns a tick"
    )
  }

  private static var residentBytes: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return (line?.split(separator: " ").dropFirst().first).flatMap { Int($0) }.map { $0 * 1_024 } ?? 0
  }
}
