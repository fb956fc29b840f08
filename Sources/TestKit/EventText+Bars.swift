package import MarketData

extension EventText {
  /// Details of events of bar and fair-market-value channels; an open window's symbol is that of its event.
  package static func barDetail(of event: MarketEvent) -> (key: String, fields: [String: Value]) {
    switch event.detail {
    case .move(let d):
      (
        "move",
        [
          "move_pct": .number(d.movePct), "range_pct": .number(d.rangePct), "duration_ns": .integer(d.durationNanos),
        ]
      )
    case .gap(let d):
      (
        "gap",
        [
          "gap_pct": .number(d.gapPct), "previous_close": .number(d.previousClose),
          "across_sessions": .boolean(d.acrossSessions), "duration_ns": .integer(d.durationNanos),
        ]
      )
    case .barClosed(let bar):
      (
        "bar_closed",
        [
          "start_ns": .integer(bar.start.nanoseconds), "duration_ns": .integer(bar.durationNanos),
          "open": .number(bar.open), "high": .number(bar.high), "low": .number(bar.low), "close": .number(bar.close),
          "volume": .number(bar.volume), "vwap": .number(bar.vwap), "trade_count": .integer(Int64(bar.tradeCount)),
          "partial": .boolean(bar.isPartial), "incomplete": .boolean(bar.isIncomplete),
        ]
      )
    default: ("", [:])
    }
  }
}
