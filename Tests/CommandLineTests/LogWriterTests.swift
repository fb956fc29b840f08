import Dispatch
import LockFree
import Testing

@testable import CommandLine

@Suite struct LogWriterTests {
  @Test func linesComeOutInOrder() {
    var queue = LogQueue()
    #expect(queue.take() == "")
    for number in 1...3 { queue.add("line \(number)\n") }
    #expect(queue.take() == "line 1\nline 2\nline 3\n")
    #expect(queue.take() == "")
  }

  /// The gap stands where it is: what was dropped came after what is told before it.
  @Test func whatFindsNoRoomIsDroppedAndCounted() {
    var queue = LogQueue()
    for number in 0..<1_500 { queue.add("\(number)\n") }
    let lines = queue.take().split(separator: "\n")
    #expect(lines.count == 1_025)
    #expect(lines[1_023] == "1023")
    #expect(lines[1_024] == "penstock: 476 log lines were dropped: standard error was not read")
    queue.add("after\n")
    #expect(queue.take() == "after\n")
  }

  @Test func longLinesAreBoundedByTheirBytes() {
    var queue = LogQueue()
    let line = String(repeating: "x", count: 99_999) + "\n"
    for _ in 0..<3 { queue.add(line) }
    // Behind the gap nothing goes in, short as it may be.
    queue.add("short\n")
    #expect(queue.take() == line + line + "penstock: 2 log lines were dropped: standard error was not read\n")
  }

  /// The file takes nothing: who logs goes on, and the memory that waits is bounded; when somebody reads, all that was kept comes.
  @Test func aFileThatTakesNothingHoldsNobodyUp() {
    let reader = DispatchSemaphore(value: 0)
    let entered = DispatchSemaphore(value: 0)
    let written = Guarded("")
    let writer = LogWriter { text in
      entered.signal()
      reader.wait()
      written.withLock { $0 += text }
    }
    writer.write("first\n")
    #expect(entered.wait(timeout: .now() + 20) == .success)
    for number in 0..<3_000 { writer.write("\(number)\n") }
    writer.flush(within: 1_000_000)
    #expect(written.withLock { $0 }.isEmpty)
    reader.signal()
    #expect(entered.wait(timeout: .now() + 20) == .success)
    reader.signal()
    writer.flush(within: 20_000_000_000)
    let lines = written.withLock { $0 }.split(separator: "\n")
    #expect(lines.count == 1_026)
    #expect(lines.prefix(2) == ["first", "0"])
    #expect(lines.last == "penstock: 1976 log lines were dropped: standard error was not read")
  }
}
