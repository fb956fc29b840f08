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

  /// The limit that has been spent, in words; nil while all is well.
  func spentLimit(_ configuration: HTTP2Configuration) -> String? {
    if controlFrames > configuration.maxControlFrames { return "PING, SETTINGS and PRIORITY frames" }
    if emptyDataFrames > configuration.maxEmptyDataFrames { return "empty DATA frames" }
    if faultyFrames > configuration.maxFaultyFrames { return "faulty or refused frames" }
    return nil
  }
}
