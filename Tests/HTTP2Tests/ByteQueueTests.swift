import TestKit
import Testing

@testable import HTTP2

@Suite struct ByteQueueTests {
  @Test(arguments: 0..<20) func itGivesOutWhatWentInWhateverTheSizes(seed: Int) {
    var queue = ByteQueue()
    defer { queue.free() }
    var model: [UInt8] = []
    var random = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    for step in 0..<300 {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let size = Int(random >> 40) % (step % 100 == 0 ? 300_000 : 3_000)
      switch random >> 33 & 3 {
      case 0, 1:
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &+ step) }
        bytes.withUnsafeBytes { queue.append($0) }
        model += bytes
      case 2:
        let taken = min(size, queue.count)
        queue.removeFirst(taken)
        model.removeFirst(taken)
      default:
        guard step % 50 == 0 else { continue }
        let kept = min(size, queue.count)
        queue.truncate(to: kept)
        model.removeLast(model.count - kept)
      }
      #expect(queue.count == model.count)
      if step % 7 == 0 { #expect(Array(queue.bytes) == model) }
    }
  }

  @Test func aFramedMessageIsFlagLengthAndBody() {
    var queue = ByteQueue()
    defer { queue.free() }
    [UInt8]([7, 8]).withUnsafeBytes { queue.append(flag: 1, length: 0x0102_0304, body: $0) }
    #expect(queue.bytes.elementsEqual([1, 1, 2, 3, 4, 7, 8]))
    queue.removeFirst(7)
    #expect(queue.isEmpty && queue.bytes.isEmpty)
  }
}
