internal import Foundation

// Measurements of parts, without sockets: `swift run -c release Benchmarks NAME`. docs/performance.md keeps what they print.

let measurements: [(name: String, run: ([String]) -> Void)] = [
  ("ingest", IngestCost.run),
  ("ring", RingHandOff.run),
  ("detectors", DetectorCost.run),
  ("bars", OtherDetectorCost.runBars),
  ("fair-values", OtherDetectorCost.runFairValues),
  ("symbols", SymbolMemory.run),
  ("moves", ChannelMoves.run),
]

let arguments = Array(CommandLine.arguments.dropFirst())
guard let name = arguments.first, let measurement = measurements.first(where: { $0.name == name }) else {
  print("usage: Benchmarks \(measurements.map(\.name).joined(separator: "|"))")
  exit(2)
}
measurement.run(Array(arguments.dropFirst()))
