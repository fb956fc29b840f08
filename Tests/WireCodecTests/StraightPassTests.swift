import Foundation
import TestKit
import Testing
import WireCodec

/// The straight pass and the shortcut for plain ticks against protobuf-c.
@Suite struct StraightPassTests {
  /// Valid requests with a few bytes changed, cut or repeated: near the plain forms, where the passes could part.
  @Test(arguments: 0..<8)
  func requestsWithFewFaultsAreReadAlike(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for _ in 0..<1_500 {
      let ticks = (0..<Int.random(in: 1...4, using: &random)).map { _ in
        ClientTick(
          symbol: ["A", "A\0", "\0", "SPY", "FIFTEEN-BYTES-0", "SIXTEEN-BYTES-OK", "MORE-THAN-SIXTEEN"].randomElement(
            using: &random) ?? "A",
          timestampNanos: 1_600_000_000_000_000_000, price: 10, size: 1,
          conditions: UInt32.random(in: 0...3, using: &random))
      }
      let sequence = UInt64.random(in: 0...300, using: &random)
      var bytes =
        switch Int.random(in: 0...3, using: &random) {
        case 0: ClientRequests.publish(batch: ticks, sequence: sequence)
        case 1: ClientRequests.publish(columns: ticks, sequence: sequence)
        default: ClientRequests.publish(ticks[0], sequence: sequence)
        }
      for _ in 0..<Int.random(in: 0...2, using: &random) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: bytes.removeSubrange(place...)
        default: bytes.insert(contentsOf: bytes[place...].prefix(12), at: place)
        }
      }
      StraightPassFuzz.run(bytes)
    }
  }

  /// What a fuzzer has found stays found.
  @Test func keptCasesPass() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fuzz/Regressions/straightpass")
    let cases = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(!cases.isEmpty)
    for file in cases {
      let bytes = Array(try Data(contentsOf: file))
      StraightPassFuzz.run(bytes)
      DecoderFuzz.run(bytes)
    }
  }
}
