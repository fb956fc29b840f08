import Logging
import MarketData
import Synchronization
import Testing

@testable import Server

@Suite struct RefusalLogTests {
  private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var taken: [String] {
      lines.withLock { lines in
        defer { lines = [] }
        return lines
      }
    }

    func add(_ line: String) { lines.withLock { $0.append(line) } }
  }

  private struct Handler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.level): \(event.message)") }
  }

  @Test func aLimitIsToldOnceASecondWithWhatItHasRefused() {
    let lines = Lines()
    var log = RefusalLog(logger: Logger(label: "test") { _ in Handler(lines: lines) })
    var counts: [RefusalCause: UInt64] = [:]
    func look(_ seconds: Double) -> [String] {
      log.look(at: MonotonicNanos(Int64(seconds * 1e9))) { counts[$0] ?? 0 }
      return lines.taken
    }
    #expect(look(0) == [])
    counts = [.connections: 3]
    #expect(look(0.1) == ["warning: limits.max_connections is reached: 3 refused, 3 since the start"])
    counts = [.connections: 10, .subscribers: 1]
    #expect(look(1) == ["warning: limits.max_subscribers is reached: 1 refused, 1 since the start"])
    #expect(look(1.1) == ["warning: limits.max_connections is reached: 7 refused, 10 since the start"])
    #expect(look(9) == [])
    counts[.floods] = 2
    #expect(look(10) == ["warning: connections ended for a flood of frames: 2, 2 since the start"])
  }
}
