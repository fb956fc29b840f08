public import Events
public import MarketData

/// An item of a channel: a fixed-size record of one symbol.
public protocol ChannelItem: BitwiseCopyable, Sendable {
  /// The item part of a marker's record, never read.
  static var placeholder: Self { get }
  var symbol: SymbolID { get }
}

extension Tick: ChannelItem {
  public static var placeholder: Tick {
    Tick(symbol: SymbolID(0), conditions: [], eventTime: UnixNanos(0), price: 0, size: 0)
  }
}

extension Bar: ChannelItem {
  public static var placeholder: Bar {
    Bar(
      symbol: SymbolID(0), start: UnixNanos(0), durationNanos: 0, open: 0, high: 0, low: 0, close: 0, volume: 0,
      vwap: 0,
      tradeCount: 0)
  }
}

extension FairMarketValue: ChannelItem {
  public static var placeholder: FairMarketValue {
    FairMarketValue(
      symbol: SymbolID(0), model: 0, eventTime: UnixNanos(0), fairValue: 0, marketPrice: 0, confidence: 0)
  }
}

/// An entry of a channel's ring: an item with the fields that the worker needs, or the marker at the end of a read.
///
/// 56 bytes for a tick: with the ring's stamp one cache line.
public struct ItemRecord<Item: ChannelItem>: BitwiseCopyable, Sendable {
  public enum Kind: UInt8, BitwiseCopyable, Sendable {
    case item
    case marker
    /// Dropped where it lay; only in an overflow.
    case void
  }

  public var item: Item
  /// When the read that brought it came from the socket.
  public var receivedTime: UnixNanos
  public var slot: StreamSlot
  /// Index of the symbol's profile.
  public var profile: UInt16
  public var kind: Kind

  @inlinable
  public init(_ item: Item, receivedTime: UnixNanos, slot: StreamSlot, profile: UInt16) {
    self.item = item
    self.receivedTime = receivedTime
    self.slot = slot
    self.profile = profile
    self.kind = .item
  }

  /// The marker behind a stream's read; its number travels in the time of receipt.
  public init(marker: Marker) {
    item = .placeholder
    receivedTime = UnixNanos(Int64(bitPattern: marker.read))
    slot = marker.slot
    profile = 0
    kind = .marker
  }

  public var marker: Marker { Marker(slot: slot, read: UInt64(bitPattern: receivedTime.nanoseconds)) }
}

public typealias TickRecord = ItemRecord<Tick>
public typealias BarRecord = ItemRecord<Bar>
public typealias FairValueRecord = ItemRecord<FairMarketValue>
