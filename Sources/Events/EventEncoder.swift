package import MarketData

/// Writes an event as subscribers receive it. Called once an event, by the sequencer's thread.
package protocol EventEncoder: Sendable {
  /// Appends one event with whatever tells it from its neighbours in a batch: the log keeps these bytes, and hands them out as they are.
  func frame(_ event: MarketEvent, sequence: UInt64, sequencedTime: UnixNanos, into bytes: inout [UInt8])
}
