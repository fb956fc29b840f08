/// Which inputs an event was made from: the SOURCE part of its id (detectors.md, "`id`").
public enum EventSource: BitwiseCopyable, Equatable, Sendable {
  case tick
  case bar(durationNanos: Int64)
  /// BAR_CLOSED of a bar channel: the input's duration and the window's.
  case barWindow(durationNanos: Int64, windowNanos: Int64)
  case fairMarketValue
}

/// One detected event, as a detector emits it: a fixed-size value without text, so that it crosses rings by copy.
///
/// The symbol's and the channel's names, the id's text and the place in the log are added by the sequencer's encoder.
public struct MarketEvent: BitwiseCopyable, Equatable, Sendable {
  public var type: EventType
  public var direction: Direction
  public var session: TradingSession
  public var symbol: SymbolID
  public var source: EventSource
  /// The `n` of the id: 0, 1, … for further events with the same symbol, source, type and time.
  public var occurrence: UInt32
  /// Of the input that caused it.
  public var eventTime: UnixNanos
  public var price: Double
  public var size: Double
  /// 0 to 100.
  public var significance: Double
  public var detail: EventDetail

  /// The input's bytes reached the server. Set by the channel's worker.
  public var receivedTime = UnixNanos(0)
  /// The worker's clock, read once a batch. Set by the channel's worker.
  public var detectedTime = UnixNanos(0)
  /// The symbol's profile's version. Set by the channel's worker.
  public var configVersion: UInt32 = 0
  /// The channel that detected it: its index in the router. Set by the channel's worker.
  public var channel: UInt32 = 0

  public init(
    type: EventType, direction: Direction, session: TradingSession, symbol: SymbolID, source: EventSource,
    occurrence: UInt32, eventTime: UnixNanos, price: Double, size: Double, significance: Double, detail: EventDetail
  ) {
    self.type = type
    self.direction = direction
    self.session = session
    self.symbol = symbol
    self.source = source
    self.occurrence = occurrence
    self.eventTime = eventTime
    self.price = price
    self.size = size
    self.significance = significance
    self.detail = detail
  }
}

/// The version of the detectors' mathematics (`Event.rules_version`). A change that may change ids raises it.
public let rulesVersion: UInt32 = 2
