/// One OHLCV bar of one symbol, as a fixed-size record.
///
/// Valid when low <= open, close <= high but for rounding, every price > 0, volume >= 0 and the duration > 0; all finite.
public struct Bar: BitwiseCopyable, Equatable, Sendable {
  public var symbol: SymbolID
  /// Not the bar's last version: nothing is detected yet. Never set in events.
  public var isPartial = false
  /// Of BAR_CLOSED: the input began inside the window.
  public var isIncomplete = false
  public var start: UnixNanos
  public var durationNanos: Int64
  public var open: Double
  public var high: Double
  public var low: Double
  public var close: Double
  public var volume: Double
  /// Volume-weighted average price; 0 = not given.
  public var vwap: Double
  public var tradeCount: UInt64

  public init(
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
