// The enumerations of events.proto. Raw values are the wire's numbers and never change.

public enum EventType: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case high = 1
  case low = 2
  case trend = 3
  case surge = 4
  case significantMove = 5
  case volumeSpike = 6
  case gap = 7
  case valuation = 8
  case barClosed = 9
  case quarantine = 10
  case vwapCross = 11
  case openingRangeBreak = 12
}

public enum Direction: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case unspecified = 0
  case up = 1
  case down = 2
  case flat = 3
}

public enum TradingSession: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case pre = 1
  case regular = 2
  case post = 3
  case closed = 4
  case continuous = 5
}

public enum ValuationVerdict: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case fair = 1
  case undervalued = 2
  case overvalued = 3
}
