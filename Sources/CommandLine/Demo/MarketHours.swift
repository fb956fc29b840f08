internal import MarketData
internal import Server

/// When a made-up market trades: now, or, while its calendar is closed, as if its newest session had just begun.
///
/// Event times may lie in the past, but never ahead of the server's clock.
struct MarketHours: Equatable {
  /// When the market begins.
  let startNanos: Int64
  /// The market's clock is so far behind the wall's.
  let lagNanos: Int64
  /// When its session ends; `Int64.max` where one follows the other.
  let endNanos: Int64

  /// More than the longest row of closed days, each cut in a few segments.
  private static let segmentsMax = 64

  /// - Parameter historyNanos: how long before `now` the market begins.
  init(_ calendar: TradingCalendar, now: Int64, historyNanos: Int64) {
    let begin = now - historyNanos
    var segment = calendar.segment(at: UnixNanos(begin))
    for _ in 0..<Self.segmentsMax where segment.session != .regular && segment.session != .continuous {
      segment = calendar.segment(at: UnixNanos(segment.start.nanoseconds - 1))
    }
    guard segment.session == .regular else {
      (startNanos, lagNanos, endNanos) = (begin, 0, .max)
      return
    }
    // From the session's beginning also while it lasts: it has the longest to go then, at whatever time the demo is started.
    startNanos = segment.sessionStart.nanoseconds
    lagNanos = begin - startNanos
    endNanos = segment.end.nanoseconds
  }
}
