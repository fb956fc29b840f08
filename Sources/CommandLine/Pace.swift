internal import MarketData

/// Lets ticks pass as fast as they happened, times a factor; or as fast as they go.
final class Pace {
  private static let stopPollNanos: Int64 = 50_000_000

  private let factor: Double?
  private let clock: any Clock
  private var origin: (event: Int64, real: Int64)?

  /// - Throws: a usage failure where the text is neither `max` nor a positive number.
  init(speed: String, clock: any Clock = SystemClock()) throws {
    self.clock = clock
    if speed == "max" {
      factor = nil
    } else if let value = Double(speed), value > 0, value.isFinite {
      factor = value
    } else {
      throw CommandFailure(.usage, "--speed is '\(speed)'; must be max or a positive number such as 1 or 60")
    }
  }

  var isTimed: Bool { factor != nil }

  /// How long a tick of this time has to wait from now, in nanoseconds.
  func delay(of eventNanos: Int64) -> Int64 {
    guard let factor else { return 0 }
    let now = clock.monotonicNow.nanoseconds
    guard let origin else {
      self.origin = (eventNanos, now)
      return 0
    }
    let due = Double(origin.real) + Double(eventNanos &- origin.event) / factor
    return due > Double(now) ? Int64(min(due - Double(now), 1e15)) : 0
  }

  /// Waits until a tick of this time is due, or `shouldStop` holds: a weekend between two ticks is long.
  func wait(for eventNanos: Int64, unless shouldStop: () -> Bool) async {
    while !shouldStop() {
      let delay = delay(of: eventNanos)
      guard delay > 1_000_000 else { return }
      try? await Task.sleep(nanoseconds: UInt64(min(delay, Self.stopPollNanos)))
    }
  }
}
