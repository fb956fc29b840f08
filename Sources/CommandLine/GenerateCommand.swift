internal import ArgumentParser
internal import DataFiles
internal import Foundation

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Writes a made-up market as CSV: the same seed, the same ticks.",
    discussion: """
      Examples:
        penstock generate --seed 7 --ticks 100000 > ticks.csv
        penstock generate --seed 7 | penstock feed -
      """)

  @Option(name: .long, parsing: .unconditional, help: "Seed, 0 or more.")
  var seed: UInt64 = 7

  @Option(name: .long, parsing: .unconditional, help: "Symbols, 1 to 100,000.")
  var symbols = 500

  @Option(name: .long, parsing: .unconditional, help: "Ticks to write, 0 or more.")
  var ticks = 1_000_000

  @Option(name: .long, parsing: .unconditional, help: "Ticks a second of market time, over all symbols; above 0.")
  var rate = 5_000.0

  @Option(
    name: .long, parsing: .unconditional,
    help: "First time, in nanoseconds since 1970, UTC; the default is 2024-05-15 13:30, New York's open.")
  var start: Int64 = 1_715_779_800_000_000_000

  func run() throws {
    guard (1...100_000).contains(symbols) else {
      throw CommandFailure(.usage, "--symbols is \(symbols); must be from 1 to 100000")
    }
    guard ticks >= 0 else { throw CommandFailure(.usage, "--ticks is \(ticks); must be 0 or more") }
    guard rate > 0, rate.isFinite else { throw CommandFailure(.usage, "--rate is \(rate); must be above 0") }
    // Times count nanoseconds in 64 bits, which end in 2262; the gaps between ticks are random.
    guard Double(ticks) / rate < 2e9 else {
      throw CommandFailure(.usage, "--ticks \(ticks) at --rate \(rate) would go on for more than 60 years")
    }
    var generator = MarketGenerator(seed: seed, symbols: symbols, rate: rate, startNanos: start)
    var text = "symbol,timestamp_ns,price,size\n"
    for _ in 0..<ticks {
      let tick = generator.next()
      text += "\(tick.symbol),\(tick.timestampNanos),\(tick.price),\(Int(tick.size))\n"
      if text.utf8.count > 1 << 16 {
        Output.write(text, to: .standardOutput)
        text = ""
      }
    }
    Output.write(text, to: .standardOutput)
  }
}
