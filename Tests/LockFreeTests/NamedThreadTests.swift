import Foundation
import Testing

@testable import LockFree

@Suite struct NamedThreadTests {
  /// Each thread reads what the kernel calls it: `top -H` reads the same file.
  @Test func theKernelKnowsEveryThreadByItsName() {
    for number in 0..<200 {
      let seen = Guarded("")
      let thread = NamedThread("channel-\(number)") {
        let name = (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)) ?? ""
        seen.withLock { $0 = name }
      }
      thread.join()
      #expect(seen.withLock { $0 } == "channel-\(number)\n")
    }
  }

  @Test(arguments: [
    ("", ""), ("ticks", "ticks"), ("fifteen-letters", "fifteen-letters"), ("sixteen-letters-", "sixteen-letters"),
    // Whole characters only: the last one takes three bytes.
    ("fourteen-bytes€", "fourteen-bytes"), ("thirteen-byte🚀", "thirteen-byte"),
  ])
  func namesAreCutToFifteenBytes(name: String, kept: String) {
    #expect(NamedThread.kernelName(name) == kept)
  }
}
