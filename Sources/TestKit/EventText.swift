package import MarketData

/// Events in the words of the golden files.
package enum EventText {
  package enum Value {
    case text(String)
    case number(Double)
    case integer(Int64)
    case boolean(Bool)

    /// Numbers: |a − b| ≤ 1e-9 · max(1, |a|, |b|); everything else exactly.
    package func equals(_ other: Any?) -> Bool {
      switch self {
      case .text(let text): return other as? String == text
      case .boolean(let value): return other as? Bool == value
      case .integer(let value): return (other as? Int64) == value || (other as? Int).map(Int64.init) == value
      case .number(let value):
        guard let number = other as? Double ?? (other as? Int).map(Double.init) else { return false }
        return (number - value).magnitude <= 1e-9 * max(1, number.magnitude, value.magnitude)
      }
    }
  }

  package static func id(of event: MarketEvent, symbol: String) -> String {
    let source =
      switch event.source {
      case .tick: "tick"
      case .bar(let duration): "bar:\(duration)"
      case .barWindow(let duration, let window): "bar:\(duration):\(window)"
      case .fairMarketValue: "fmv"
      }
    return "\(symbol)/\(source)/\(name(event.type))/\(event.eventTime.nanoseconds)/\(event.occurrence)"
  }

  package static func name(_ type: EventType) -> String {
    switch type {
    case .high: "HIGH"
    case .low: "LOW"
    case .trend: "TREND"
    case .surge: "SURGE"
    case .significantMove: "SIGNIFICANT_MOVE"
    case .volumeSpike: "VOLUME_SPIKE"
    case .gap: "GAP"
    case .valuation: "VALUATION"
    case .barClosed: "BAR_CLOSED"
    case .quarantine: "QUARANTINE"
    case .vwapCross: "VWAP_CROSS"
    case .openingRangeBreak: "OPENING_RANGE_BREAK"
    }
  }

  package static func name(_ direction: Direction) -> String {
    switch direction {
    case .unspecified: "UNSPECIFIED"
    case .up: "UP"
    case .down: "DOWN"
    case .flat: "FLAT"
    }
  }

  package static func name(_ session: TradingSession) -> String {
    switch session {
    case .pre: "PRE"
    case .regular: "REGULAR"
    case .post: "POST"
    case .closed: "CLOSED"
    case .continuous: "CONTINUOUS"
    }
  }

  /// The detail's key and its fields, for the details that this server's detectors make.
  package static func detail(of event: MarketEvent) -> (key: String, fields: [String: Value]) {
    switch event.detail {
    case .highLow(let d):
      (
        "high_low",
        [
          "previous_anchor": .number(d.previousAnchor), "session_open": .number(d.sessionOpen),
          "session_high": .number(d.sessionHigh), "session_low": .number(d.sessionLow),
          "percent_from_open": .number(d.percentFromOpen), "count": .integer(Int64(d.count)),
          "reversal": .boolean(d.reversal), "since_opposite_ns": .integer(d.sinceOppositeNanos),
          "trend": .text(name(d.trend)), "surge": .text(name(d.surge)), "relative_volume": .number(d.relativeVolume),
          "extreme_ns": .integer(d.extremeTime.nanoseconds), "day_high": .number(d.dayHigh),
          "day_low": .number(d.dayLow),
        ]
      )
    case .trend(let d):
      (
        "trend",
        [
          "horizon_ns": .integer(d.horizonNanos), "move_pct": .number(d.movePct), "r_squared": .number(d.rSquared),
          "v_score": .number(d.vScore), "previous": .text(name(d.previous)), "reversal": .boolean(d.reversal),
          "previous_lasted_ns": .integer(d.previousLastedNanos), "price_change_pct": .number(d.priceChangePct),
        ]
      )
    case .surge(let d):
      (
        "surge",
        [
          "move_pct": .number(d.movePct), "z_score": .number(d.zScore), "baseline_price": .number(d.baselinePrice),
          "relative_volume": .number(d.relativeVolume), "sigma_pct": .number(d.sigmaPct),
          "z_threshold": .number(d.zThreshold), "volume_threshold": .number(d.volumeThreshold),
          "count": .integer(Int64(d.count)),
        ]
      )
    case .volumeSpike(let d):
      (
        "volume_spike",
        [
          "multiple": .number(d.multiple), "mean_volume": .number(d.meanVolume),
          "duration_ns": .integer(d.durationNanos),
        ]
      )
    case .quarantine(let d):
      (
        "quarantine",
        [
          "last_good": .number(d.lastGood), "limit_pct": .number(d.limitPct), "confirmed": .boolean(d.confirmed),
          "run": .integer(Int64(d.run)),
        ]
      )
    case .vwap(let d):
      ("vwap", ["vwap": .number(d.vwap), "previous_lasted_ns": .integer(d.previousLastedNanos)])
    case .rangeBreak(let d):
      (
        "range_break",
        [
          "range_high": .number(d.rangeHigh), "range_low": .number(d.rangeLow), "minutes": .integer(Int64(d.minutes)),
        ]
      )
    case .move, .gap, .valuation, .barClosed: barDetail(of: event)
    }
  }
}
