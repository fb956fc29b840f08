// What each event carries to explain itself: the details of events.proto, field for field, as fixed-size values.
// Meaning, units and formulas: detectors.md. Names ending in `Nanos` are durations.

package struct HighLowDetail: BitwiseCopyable, Equatable, Sendable {
  package var previousAnchor = 0.0
  package var sessionOpen = 0.0
  package var sessionHigh = 0.0
  package var sessionLow = 0.0
  package var percentFromOpen = 0.0
  package var count: UInt32 = 0
  package var reversal = false
  /// -1 = the opposite side has not been announced in this session.
  package var sinceOppositeNanos: Int64 = -1
  package var trend = Direction.unspecified
  package var surge = Direction.unspecified
  package var relativeVolume = 0.0
  package var extremeTime = UnixNanos(0)

  package init() {}
}

package struct TrendDetail: BitwiseCopyable, Equatable, Sendable {
  package var horizonNanos: Int64 = 0
  package var movePct = 0.0
  package var rSquared = 0.0
  package var vScore = 0.0
  package var previous = Direction.unspecified
  package var reversal = false
  package var previousLastedNanos: Int64 = 0
  package var priceChangePct = 0.0

  package init() {}
}

package struct SurgeDetail: BitwiseCopyable, Equatable, Sendable {
  package var movePct = 0.0
  package var zScore = 0.0
  package var baselinePrice = 0.0
  package var relativeVolume = 0.0
  package var sigmaPct = 0.0
  package var zThreshold = 0.0
  package var volumeThreshold = 0.0
  package var count: UInt32 = 0

  package init() {}
}

package struct MoveDetail: BitwiseCopyable, Equatable, Sendable {
  package var movePct = 0.0
  package var rangePct = 0.0
  package var durationNanos: Int64 = 0

  package init() {}
}

package struct VolumeSpikeDetail: BitwiseCopyable, Equatable, Sendable {
  package var multiple = 0.0
  package var meanVolume = 0.0
  package var durationNanos: Int64 = 0

  package init() {}
}

package struct GapDetail: BitwiseCopyable, Equatable, Sendable {
  package var gapPct = 0.0
  package var previousClose = 0.0
  package var acrossSessions = false
  package var durationNanos: Int64 = 0

  package init() {}
}

package struct ValuationDetail: BitwiseCopyable, Equatable, Sendable {
  package var deviationPct = 0.0
  package var fairValue = 0.0
  package var marketPrice = 0.0
  package var confidence = 1.0
  /// Index into the process's table of model names.
  package var model: UInt32 = 0
  package var state = ValuationVerdict.fair
  package var previousLastedNanos: Int64 = 0
  package var peakDeviationPct = 0.0

  package init() {}
}

package struct QuarantineDetail: BitwiseCopyable, Equatable, Sendable {
  package var lastGood = 0.0
  package var limitPct = 0.0
  package var confirmed = false
  package var run: UInt32 = 0

  package init() {}
}

package struct VwapDetail: BitwiseCopyable, Equatable, Sendable {
  package var vwap = 0.0
  package var previousLastedNanos: Int64 = 0

  package init() {}
}

package struct RangeBreakDetail: BitwiseCopyable, Equatable, Sendable {
  package var rangeHigh = 0.0
  package var rangeLow = 0.0
  package var minutes: UInt32 = 0

  package init() {}
}

package enum EventDetail: BitwiseCopyable, Equatable, Sendable {
  case highLow(HighLowDetail)
  case trend(TrendDetail)
  case surge(SurgeDetail)
  case move(MoveDetail)
  case volumeSpike(VolumeSpikeDetail)
  case gap(GapDetail)
  case valuation(ValuationDetail)
  case barClosed(Bar)
  case quarantine(QuarantineDetail)
  case vwap(VwapDetail)
  case rangeBreak(RangeBreakDetail)
}
