/// One OHLCV bar of one symbol, as a fixed-size record.
///
/// Valid when low <= open, close <= high, every price > 0, volume >= 0 and the duration > 0; all finite.
package struct Bar: BitwiseCopyable, Equatable, Sendable {
  package var symbol: SymbolID
  package var start: UnixNanos
  package var durationNanos: Int64
  package var open: Double
  package var high: Double
  package var low: Double
  package var close: Double
  package var volume: Double
  /// Volume-weighted average price; 0 = not given.
  package var vwap: Double
  package var tradeCount: UInt64

  package init(
    symbol: SymbolID, start: UnixNanos, durationNanos: Int64, open: Double, high: Double, low: Double, close: Double,
    volume: Double, vwap: Double, tradeCount: UInt64
  ) {
    self.symbol = symbol
    self.start = start
    self.durationNanos = durationNanos
    self.open = open
    self.high = high
    self.low = low
    self.close = close
    self.volume = volume
    self.vwap = vwap
    self.tradeCount = tradeCount
  }
}
