/// Counts what a peer may do for nothing, per interval. Plain value in the session's raw memory, stepped from C callbacks.
struct FloodGuard {
  /// Clients that measure the way have one PING under way.
  static let explainedPingsMax = 1_000

  var controlFrames = 0
  var emptyDataFrames = 0
  var faultyFrames = 0
  /// DATA frames sent, less the PINGs that came since: Go's and Java's clients measure the way with a PING behind each.
  private var explainedPings = 0
  private var intervalEnd: Int64 = .min

  init() {}

  /// Starts a new interval when the last one has passed. Once per read, not per frame.
  mutating func begin(now: Int64, interval: Int64) {
    guard now >= intervalEnd else { return }
    intervalEnd = now.addingReportingOverflow(interval).partialValue
    controlFrames = 0
    emptyDataFrames = 0
    faultyFrames = 0
  }

  mutating func dataSent() { explainedPings = min(explainedPings + 1, Self.explainedPingsMax) }

  mutating func pingReceived() {
    if explainedPings > 0 { explainedPings -= 1 } else { controlFrames += 1 }
  }

  /// The end that a spent limit brings; nil while all is well.
  func end(_ configuration: HTTP2Configuration) -> ConnectionEnd? {
    func end(_ reason: EndReason, _ limit: Int, _ what: String) -> ConnectionEnd {
      let seconds = configuration.floodIntervalNanos / 1_000_000_000
      return ConnectionEnd(reason, "too many \(what): more than \(limit) in \(seconds) s")
    }
    if controlFrames > configuration.maxControlFrames {
      return end(.controlFrames, configuration.maxControlFrames, "PING, SETTINGS and PRIORITY frames")
    }
    if emptyDataFrames > configuration.maxEmptyDataFrames {
      return end(.emptyDataFrames, configuration.maxEmptyDataFrames, "empty DATA frames")
    }
    if faultyFrames > configuration.maxFaultyFrames {
      return end(.faultyFrames, configuration.maxFaultyFrames, "faulty, refused or reset streams")
    }
    return nil
  }
}
