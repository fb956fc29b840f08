package import MarketData

/// Judges a channel's health from what is seen of it, with every reason in words. Pure: the time is a parameter.
///
/// - Unhealthy: FAILED; breaker OPEN, or restarting in its stead (the last channel of its type does not open); more than 10 % of the
///   last minute's batches failed.
/// - Degraded: breaker HALF_OPEN; the ring above `depth_pct` for `depth_for`; p99 above its limit; nothing processed for `stall_after`
///   while the ring is not empty.
/// - PAUSED and STOPPED are what an admin asked for: told as a reason, no fault and no stall. The ring of a paused channel fills, though, and
///   counts as deep as any: its publishers will soon notice.
/// - Cost: O(1), strings only where there is a reason. Once a second or so is enough: what lasts is measured between calls, so a bound is
///   noticed at the first call after it. Not thread-safe; one judge for each channel.
/// - Source: architecture.md, "Channel: states, breaker, health".
package struct ChannelHealthJudge: Sendable {
  /// One moment's look at a channel.
  package struct Facts: Equatable, Sendable {
    package var state = ChannelState.running
    package var breaker = BreakerState.closed
    /// Waits out its back-off, or starts again, after a failure that would have opened the breaker.
    package var isRestarting = false
    /// Tripped by an admin: it stays open.
    package var isForced = false
    /// Of the last minute's batches: 0…1.
    package var failureRate = 0.0
    /// Items in the ring, and how many it holds.
    package var depth = 0
    package var capacity = 0
    /// Since the start: any change means progress.
    package var processed: UInt64 = 0
    /// Of the time from accepted to picked up, the 99th percentile.
    package var p99Nanos: Int64 = 0

    package init() {}
  }

  private static let failureRateMax = 0.1

  /// Since when the ring is above its limit.
  private var deepSince: MonotonicNanos?
  /// Since when items have waited without one processed.
  private var stillSince: MonotonicNanos?
  private var processed: UInt64 = 0

  package init() {}

  /// - Parameter settings: without problems; may differ from call to call.
  /// - Returns: the worst that holds, and every reason that holds, the worst first.
  package mutating func judge(
    _ facts: Facts, settings: HealthSettings, at time: MonotonicNanos
  ) -> (health: Health, reasons: [String]) {
    let faults = Self.faults(of: facts)
    let strains = strains(of: facts, settings: settings, at: time)
    let health: Health = !faults.isEmpty ? .unhealthy : !strains.isEmpty ? .degraded : .healthy
    return (health, faults + strains + Self.requests(of: facts))
  }

  /// Reasons that make the channel UNHEALTHY.
  private static func faults(of facts: Facts) -> [String] {
    var reasons: [String] = []
    if facts.state == .failed { reasons.append("FAILED; it has to be started again") }
    if facts.breaker == .open {
      reasons.append(facts.isForced ? "breaker OPEN on request, until it is reset" : "breaker OPEN")
    }
    if facts.isRestarting { reasons.append("restarting after failures") }
    if facts.failureRate > failureRateMax {
      let (rate, limit) = (Figure.percent(facts.failureRate * 100), Figure.percent(failureRateMax * 100))
      reasons.append("\(rate) of the last minute's batches failed, above \(limit)")
    }
    return reasons
  }

  /// Reasons that make the channel DEGRADED.
  private mutating func strains(of facts: Facts, settings: HealthSettings, at time: MonotonicNanos) -> [String] {
    var reasons: [String] = []
    if facts.breaker == .halfOpen { reasons.append("breaker HALF_OPEN") }
    let depthPct = facts.capacity > 0 ? Double(facts.depth) * 100 / Double(facts.capacity) : 0
    let deepNanos = Self.lasting(&deepSince, depthPct > settings.depthPct, at: time)
    if let deepNanos, deepNanos >= settings.depthForNanos {
      let (depth, limit) = (Figure.percent(depthPct), Figure.percent(settings.depthPct))
      reasons.append("ring \(depth) full, above \(limit) for \(Figure.duration(deepNanos))")
    }
    if facts.p99Nanos > settings.p99LimitNanos {
      let (p99, limit) = (Figure.duration(facts.p99Nanos), Figure.duration(settings.p99LimitNanos))
      reasons.append("p99 of the wait in the ring \(p99), above \(limit)")
    }
    // Progress ends a stall and may begin the next: time counts from this look.
    if facts.processed != processed { stillSince = nil }
    processed = facts.processed
    let isDue = (facts.state == .running || facts.state == .draining) && !facts.isRestarting && facts.depth > 0
    if let stillNanos = Self.lasting(&stillSince, isDue, at: time), stillNanos >= settings.stallAfterNanos {
      reasons.append("nothing processed for \(Figure.duration(stillNanos)) with \(facts.depth) in the ring")
    }
    return reasons
  }

  /// States on request: told, but no fault.
  private static func requests(of facts: Facts) -> [String] {
    switch facts.state {
    case .paused: ["PAUSED on request, \(facts.depth) in the ring"]
    case .stopped: ["STOPPED on request"]
    case .starting, .running, .draining, .failed: []
    }
  }

  /// For how long the condition has held without a break, in nanoseconds; nil where it does not hold.
  private static func lasting(_ since: inout MonotonicNanos?, _ holds: Bool, at time: MonotonicNanos) -> Int64? {
    guard holds else {
      since = nil
      return nil
    }
    let start = since ?? time
    since = start
    return time.nanoseconds - start.nanoseconds
  }
}

/// Figures as a person reads them in a reason.
private enum Figure {
  /// With one decimal where it is not whole: `62 %`, `12.5 %`.
  static func percent(_ value: Double) -> String {
    let tenths = (value * 10).rounded()
    return tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int(tenths / 10)) %" : "\(tenths / 10) %"
  }

  /// Two digits at least, the rest cut off: `7123ms`, not `7123456789ns`.
  static func duration(_ nanos: Int64) -> String {
    let unit: Int64 = [1_000_000_000, 1_000_000, 1_000].first { nanos >= 10 * $0 } ?? 1
    return DurationText.describe(nanos / unit * unit)
  }
}
