package import MarketData

/// What one symbol's detectors stand at: the levels behind the events, for subscribers that come late (contract.md, `SymbolState`).
///
/// Session values are 0 (directions FLAT) before the session's first good tick.
package struct SymbolSnapshot: Equatable, Sendable {
  package struct Trend: Equatable, Sendable {
    package var horizonNanos: Int64
    package var direction: Direction
    /// When the state was announced; the session's first good tick before any announcement.
    package var since: UnixNanos

    package init(horizonNanos: Int64, direction: Direction, since: UnixNanos) {
      self.horizonNanos = horizonNanos
      self.direction = direction
      self.since = since
    }
  }

  package var symbol: SymbolID
  /// Index of the symbol's profile.
  package var profile = 0
  package var lastPrice = 0.0
  package var lastPriceTime = UnixNanos(0)
  package var session = TradingSession.closed
  package var sessionOpen = 0.0
  package var sessionHigh = 0.0
  package var sessionLow = 0.0
  package var highAnchor = 0.0
  package var lowAnchor = 0.0
  package var trends: [Trend] = []
  package var surge = Direction.flat
  package var vwap = 0.0
  package var relativeVolume = 0.0
  package var warmUpLeftNanos: Int64 = 0
  /// What the print filter holds back: its newest quarantined price, 0 = none, and how many like it came in a row.
  package var candidate = 0.0
  package var candidateAlike: UInt32 = 0
  /// The move that it has learned to expect, as it has decayed, in percent.
  package var learnedPct = 0.0
  /// Of the symbol's fair values; nil in channels of other kinds.
  package var valuation: ValuationVerdict?
  /// The newest event time seen.
  package var watermark = UnixNanos(0)

  package init(symbol: SymbolID) { self.symbol = symbol }
}
