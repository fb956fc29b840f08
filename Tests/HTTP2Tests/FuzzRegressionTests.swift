import Foundation
import TestKit
import Testing

@Suite struct FuzzRegressionTests {
  @Test func whatTheFuzzerOnceFoundPasses() throws {
    let folder = GeneratedCode.root.appendingPathComponent("Fuzz/Regressions/http2")
    let cases = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(!cases.isEmpty)
    for file in cases { ConnectionFuzz.run(Array(try Data(contentsOf: file))) }
  }

  @Test(arguments: 0..<400) func madeUpCasesPass(seed: Int) {
    var random = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    func next() -> UInt64 {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return random >> 33
    }
    var input: [UInt8] = [UInt8(truncatingIfNeeded: next()) | 2]
    for _ in 0..<(1 + next() % 30) {
      // DATA with small messages mostly, so that the handlers' orders come into play.
      let message = framed([UInt8(next() % 10)] + [UInt8](repeating: 0, count: Int(next() % 40)))
      let payload = next() % 4 == 0 ? (0..<next() % 20).map { _ in UInt8(truncatingIfNeeded: next()) } : message
      let kind = next() % 3 == 0 ? UInt8(next() % 11) : 0
      input += [kind, UInt8(next() % 8 == 0 ? next() % 256 : 4), 1, 0, UInt8(payload.count)] + payload
    }
    ConnectionFuzz.run(input)
  }
}
