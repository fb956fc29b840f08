public import MarketData

/// The kinds of channel; raw values are the wire's.
public enum ChannelType: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  case tick = 1
  case bar = 2
  case fairMarketValue = 3
}

/// Where a symbol's items go.
public struct SymbolRoute: BitwiseCopyable, Equatable, Sendable {
  public var symbol: SymbolID
  public var profile: UInt16
  public var channel: UInt16
  /// Items further ahead of the server's clock than this are rejected.
  public var maxAheadNanos: Int64

  public init(symbol: SymbolID, profile: UInt16, channel: UInt16, maxAheadNanos: Int64) {
    self.symbol = symbol
    self.profile = profile
    self.channel = channel
    self.maxAheadNanos = maxAheadNanos
  }
}

/// Finds a symbol's route. Decoders keep a cache in front of it.
public protocol SymbolResolver: AnyObject, Sendable {
  /// How far ahead of the server's clock the first item of a symbol may be; nil where the symbol is known here, or would have no place anyhow.
  ///
  /// Asked before `resolve`, which makes the symbol known: an item that is rejected must not.
  func maxAheadNanos(ofNew symbol: RawSpan, type: ChannelType) -> Int64?

  /// The route of a symbol that has one already; it is not made known.
  func knownRoute(of symbol: RawSpan, type: ChannelType) -> SymbolRoute?

  /// - Parameter symbol: 1 to 64 bytes of printable ASCII, checked by the caller.
  /// - Returns: `.noChannel` or `.tooManySymbols` where there is none.
  func resolve(symbol: RawSpan, type: ChannelType) -> Result<SymbolRoute, RejectionCode>
}
