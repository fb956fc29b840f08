/// Log lines on their way to standard error. Pure: one thread at a time adds and takes.
///
/// - Bounds: 1,024 lines and 256 KiB. What finds no room is dropped and counted; the next line that is taken behind the gap tells how many.
struct LogQueue: Sendable {
  private static let linesMax = 1_024
  private static let bytesMax = 262_144

  private var lines: [String] = []
  private var bytes = 0
  private var dropped: UInt64 = 0

  /// Adds a line, with its newline.
  mutating func add(_ line: String) {
    // Also behind the first that was dropped, until all are taken: a line that came later would stand before the gap.
    guard dropped == 0, lines.count < Self.linesMax, bytes + line.utf8.count <= Self.bytesMax else {
      dropped += 1
      return
    }
    lines.append(line)
    bytes += line.utf8.count
  }

  /// Everything in order, the gap told; empty where there is nothing.
  mutating func take() -> String {
    if dropped > 0 {
      let lost = dropped == 1 ? "1 log line was" : "\(dropped) log lines were"
      lines.append("penstock: \(lost) dropped: standard error was not read\n")
    }
    defer { self = LogQueue() }
    return lines.joined()
  }
}
