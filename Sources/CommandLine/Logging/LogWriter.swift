internal import Foundation
internal import LockFree
internal import Logging

/// Writes log lines on a thread of its own.
///
/// Whoever logs never waits for the file: a worker, the sequencer or an event loop that wrote to a full pipe would stop its channel, or all
/// connections of its loop, until somebody reads.
final class LogWriter: TextOutputStream, Sendable {
  /// Where a server's log goes.
  static let standardError = LogWriter { Output.write($0, to: .standardError) }

  private struct Content: Sendable {
    var queue = LogQueue()
    var hasWork = false
    var isWriting = false
  }

  private let content = Guarded(Content())
  private let work = DispatchSemaphore(value: 0)
  private let output: @Sendable (String) -> Void

  /// - Parameter output: writes one or more lines, however long that takes; called on the writer's thread alone.
  init(_ output: @escaping @Sendable (String) -> Void) {
    self.output = output
    _ = NamedThread("log") { [weak self, work] in
      while true {
        work.wait()
        guard let self else { return }
        self.writeAll()
      }
    }
  }

  deinit { work.signal() }

  /// Adds one line, with its newline; never waits.
  func write(_ line: String) {
    let isFirst = content.withLock { content in
      content.queue.add(line)
      defer { content.hasWork = true }
      return !content.hasWork
    }
    if isFirst { work.signal() }
  }

  /// Waits until everything is written, for at most so long: at the end of the process, when nobody may read any more.
  func flush(within nanos: Int64) {
    let deadline = DispatchTime.now().uptimeNanoseconds + UInt64(max(0, nanos))
    while content.withLock({ $0.hasWork || $0.isWriting }), DispatchTime.now().uptimeNanoseconds < deadline {
      usleep(1_000)
    }
  }

  private func writeAll() {
    let text = content.withLock { content in
      content.hasWork = false
      content.isWriting = true
      return content.queue.take()
    }
    output(text)
    content.withLock { $0.isWriting = false }
  }
}

/// Sends the log of a server in this process through `LogWriter`.
enum ServerLog {
  // The logging system may be set up once in a process.
  private static let setUp: Void = LoggingSystem.bootstrap {
    StreamLogHandler(label: $0, stream: LogWriter.standardError)
  }

  static func begin() { _ = setUp }

  /// A line for the person who runs the server, in order with the log's.
  static func note(_ text: String) { LogWriter.standardError.write(text + "\n") }

  static func end() { LogWriter.standardError.flush(within: 1_000_000_000) }
}
