package import MarketData

/// What lies in a tick channel's ring: a tick with what the worker needs beside it, or the marker behind a read.
///
/// 56 bytes: with the ring's stamp one cache line.
package struct TickRecord: BitwiseCopyable, Sendable {
  package enum Kind: UInt8, BitwiseCopyable, Sendable {
    case item
    case marker
  }

  package var tick: Tick
  /// When the read that brought it came from the socket.
  package var receivedTime: UnixNanos
  package var slot: StreamSlot
  /// Index of the symbol's profile.
  package var profile: UInt16
  /// Index of the channel that it goes to.
  package var channel: UInt16
  package var kind: Kind

  @inlinable
  package init(tick: Tick, receivedTime: UnixNanos, slot: StreamSlot, profile: UInt16, channel: UInt16) {
    self.tick = tick
    self.receivedTime = receivedTime
    self.slot = slot
    self.profile = profile
    self.channel = channel
    self.kind = .item
  }

  /// The marker behind a stream's read; its number travels in the time of receipt.
  package init(marker: Marker, channel: UInt16) {
    tick = Tick(symbol: SymbolID(0), conditions: [], eventTime: UnixNanos(0), price: 0, size: 0)
    receivedTime = UnixNanos(Int64(bitPattern: marker.read))
    slot = marker.slot
    profile = 0
    self.channel = channel
    kind = .marker
  }

  package var marker: Marker { Marker(slot: slot, read: UInt64(bitPattern: receivedTime.nanoseconds)) }
}
