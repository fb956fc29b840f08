package import MarketData

/// Bounds the QUARANTINE events of one symbol: a bad feed makes one of nearly every tick, and would turn the event log over in seconds, with
/// everything in it that other feeds made.
///
/// A function of the symbol's ticks and their times alone, so that the same input gives the same events on every run. Metrics and acknowledgements
/// count every quarantined tick all the same.
package struct QuarantineShare: BitwiseCopyable {
  /// In a second of event time: five times the most that any symbol of the recorded days makes.
  static let eventsPerSecond: UInt32 = 10

  private var second = Int64.min
  private var events: UInt32 = 0
  /// Left out since the last that was made.
  private var suppressed: UInt64 = 0

  package init() {}

  /// - Returns: how many were left out before the event at `time`; nil where it is left out itself.
  package mutating func take(at time: UnixNanos) -> UInt64? {
    let now = floorDivide(time.nanoseconds, 1_000_000_000)
    if now != second {
      second = now
      events = 0
    }
    guard events < Self.eventsPerSecond else {
      suppressed &+= 1
      return nil
    }
    events += 1
    defer { suppressed = 0 }
    return suppressed
  }
}
