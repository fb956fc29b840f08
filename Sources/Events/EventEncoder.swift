package import MarketData

/// Writes an event as subscribers receive it. Called once an event, by the sequencer's thread.
package protocol EventEncoder: Sendable {
  /// Appends the bytes of one event, without a tag or length.
  func encode(_ event: MarketEvent, sequence: UInt64, sequencedTime: UnixNanos, into bytes: inout [UInt8])
}
