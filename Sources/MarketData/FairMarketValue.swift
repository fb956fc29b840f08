/// One estimate of what a symbol is worth, as a fixed-size record.
public struct FairMarketValue: BitwiseCopyable, Equatable, Sendable {
  public var symbol: SymbolID
  /// Index into the process's table of model names.
  public var model: UInt32
  public var eventTime: UnixNanos
  /// In the instrument's currency; finite, > 0.
  public var fairValue: Double
  /// Finite, >= 0; 0 = not given: compare with the last good tick price.
  public var marketPrice: Double
  /// 0 to 1; 0 = not given, taken as 1.
  public var confidence: Double

  @inlinable
  public init(
    symbol: SymbolID, model: UInt32, eventTime: UnixNanos, fairValue: Double, marketPrice: Double, confidence: Double
  ) {
    self.symbol = symbol
    self.model = model
    self.eventTime = eventTime
    self.fairValue = fairValue
    self.marketPrice = marketPrice
    self.confidence = confidence
  }
}
