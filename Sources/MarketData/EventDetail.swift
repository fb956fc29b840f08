// What each event carries to explain itself: the details of events.proto, field for field, as fixed-size values.
// Meaning, units and formulas: detectors.md. Names ending in `Nanos` are durations.

public struct HighLowDetail: BitwiseCopyable, Equatable, Sendable {
  public var previousAnchor = 0.0
  public var sessionOpen = 0.0
  public var sessionHigh = 0.0
  public var sessionLow = 0.0
  public var percentFromOpen = 0.0
  public var count: UInt32 = 0
  public var reversal = false
  /// -1 = the opposite side has not been announced in this session.
  public var sinceOppositeNanos: Int64 = -1
  public var trend = Direction.unspecified
  public var surge = Direction.unspecified
  public var relativeVolume = 0.0
  public var extremeTime = UnixNanos(0)
  /// The extremes of the trading date so far.
  public var dayHigh = 0.0
  public var dayLow = 0.0

  public init() {}
}

public struct TrendDetail: BitwiseCopyable, Equatable, Sendable {
  public var horizonNanos: Int64 = 0
  public var movePct = 0.0
  public var rSquared = 0.0
  public var vScore = 0.0
  public var previous = Direction.unspecified
  public var reversal = false
  public var previousLastedNanos: Int64 = 0
  public var priceChangePct = 0.0

  public init() {}
}

public struct SurgeDetail: BitwiseCopyable, Equatable, Sendable {
  public var movePct = 0.0
  public var zScore = 0.0
  public var baselinePrice = 0.0
  public var relativeVolume = 0.0
  public var sigmaPct = 0.0
  public var zThreshold = 0.0
  public var volumeThreshold = 0.0
  public var count: UInt32 = 0

  public init() {}
}

public struct MoveDetail: BitwiseCopyable, Equatable, Sendable {
  public var movePct = 0.0
  public var rangePct = 0.0
  public var durationNanos: Int64 = 0

  public init() {}
}

public struct VolumeSpikeDetail: BitwiseCopyable, Equatable, Sendable {
  public var multiple = 0.0
  public var meanVolume = 0.0
  public var durationNanos: Int64 = 0

  public init() {}
}

public struct GapDetail: BitwiseCopyable, Equatable, Sendable {
  public var gapPct = 0.0
  public var previousClose = 0.0
  public var acrossSessions = false
  public var durationNanos: Int64 = 0

  public init() {}
}

public struct ValuationDetail: BitwiseCopyable, Equatable, Sendable {
  public var deviationPct = 0.0
  public var fairValue = 0.0
  public var marketPrice = 0.0
  public var confidence = 1.0
  /// Index into the process's table of model names.
  public var model: UInt32 = 0
  public var state = ValuationVerdict.fair
  public var previousLastedNanos: Int64 = 0
  public var peakDeviationPct = 0.0

  public init() {}
}

public struct QuarantineDetail: BitwiseCopyable, Equatable, Sendable {
  public var lastGood = 0.0
  public var limitPct = 0.0
  public var confirmed = false
  public var run: UInt32 = 0
  /// QUARANTINE events of the symbol that were left out before this one.
  public var suppressed: UInt64 = 0

  public init() {}
}

public struct VwapDetail: BitwiseCopyable, Equatable, Sendable {
  public var vwap = 0.0
  public var previousLastedNanos: Int64 = 0

  public init() {}
}

public struct RangeBreakDetail: BitwiseCopyable, Equatable, Sendable {
  public var rangeHigh = 0.0
  public var rangeLow = 0.0
  public var minutes: UInt32 = 0

  public init() {}
}

public enum EventDetail: BitwiseCopyable, Equatable, Sendable {
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
