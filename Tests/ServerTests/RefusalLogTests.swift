import HTTP2
import Logging
import MarketData
import Synchronization
import Testing
import Transport

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
    counts = [.publishStreams: 3]
    #expect(look(0.1) == ["warning: limits.max_publish_streams is reached: 3 refused, 3 since the start"])
    counts = [.publishStreams: 10, .subscribers: 1]
    #expect(look(1) == ["warning: limits.max_subscribers is reached: 1 refused, 1 since the start"])
    #expect(look(1.1) == ["warning: limits.max_publish_streams is reached: 7 refused, 10 since the start"])
    #expect(look(9) == [])
  }

  @Test func endedConnectionsAreToldByTheirReason() {
    let lines = Lines()
    var log = RefusalLog(logger: Logger(label: "test") { _ in Handler(lines: lines) })
    let ended = EndedConnections()
    func look(_ seconds: Int64) -> [String] {
      log.look(at: MonotonicNanos(seconds * 1_000_000_000), ended: ended.all)
      return lines.taken
    }
    #expect(look(0) == [])
    ended.count(ConnectionEnd(.http1, "an HTTP/1.1 client"), peer: "a:1")
    ended.count(ConnectionEnd(.controlFrames, "too many"), peer: "b:2")
    #expect(
      look(1) == [
        "warning: connections ended, control_frames: 1, 1 since the start; the last, of b:2: too many",
        "warning: connections ended, http_1: 1, 1 since the start; the last, of a:1: an HTTP/1.1 client",
      ])
    ended.count(ConnectionEnd(.http1, "another"), peer: "a:3")
    ended.count(ConnectionEnd(.http1, "a third"), peer: "a:4")
    #expect(look(2) == ["warning: connections ended, http_1: 2, 3 since the start; the last, of a:4: a third"])
    #expect(look(9) == [])
  }
}
