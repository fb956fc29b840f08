internal import Logging

/// Tells whoever reads the log that the system's clock was set.
struct ClockStepLog {
  private let logger = Logger(label: "penstock.clock")

  /// - Parameters:
  ///   - nanoseconds: by how much, negative = back.
  ///   - aheadNanos: how far the server's times run ahead of the system's clock from now on.
  func tell(_ nanoseconds: Int64, aheadNanos: Int64) {
    logger.warning("\(Self.line(nanoseconds, aheadNanos: aheadNanos))")
  }

  static func line(_ nanoseconds: Int64, aheadNanos: Int64) -> String {
    func seconds(_ nanoseconds: Int64) -> String {
      let tenths = (nanoseconds.magnitude + 50_000_000) / 100_000_000
      return "\(tenths / 10).\(tenths % 10) s"
    }
    let direction = nanoseconds < 0 ? "back" : "forward"
    let times =
      aheadNanos < 100_000_000
      ? "times follow it"
      : "times go on by the monotonic clock, \(seconds(aheadNanos)) ahead of it until it catches up or a restart"
    return "the system's clock was set \(direction) by \(seconds(nanoseconds)); \(times)"
  }
}
