public import MarketData

/// What lies in a tick channel's ring: a tick with what the worker needs beside it, or the marker behind a read.
///
/// 56 bytes: with the ring's stamp one cache line.
public struct TickRecord: BitwiseCopyable, Sendable {
  public enum Kind: UInt8, BitwiseCopyable, Sendable {
    case item
    case marker
  }

  public var tick: Tick
  /// When the read that brought it came from the socket.
  public var receivedTime: UnixNanos
  public var slot: StreamSlot
  /// Index of the symbol's profile.
  public var profile: UInt16
  /// Index of the channel that it goes to.
  public var channel: UInt16
  public var kind: Kind

  @inlinable
  public init(tick: Tick, receivedTime: UnixNanos, slot: StreamSlot, profile: UInt16, channel: UInt16) {
    self.tick = tick
    self.receivedTime = receivedTime
    self.slot = slot
    self.profile = profile
    self.channel = channel
    self.kind = .item
  }

  /// The marker behind a stream's read; its number travels in the time of receipt.
  public init(marker: Marker, channel: UInt16) {
    tick = Tick(symbol: SymbolID(0), conditions: [], eventTime: UnixNanos(0), price: 0, size: 0)
    receivedTime = UnixNanos(Int64(bitPattern: marker.read))
    slot = marker.slot
    profile = 0
    self.channel = channel
    kind = .marker
  }

  public var marker: Marker { Marker(slot: slot, read: UInt64(bitPattern: receivedTime.nanoseconds)) }
}
