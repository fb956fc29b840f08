public import MarketData

/// A publish stream's slot: the index under which channel workers add up what became of that stream's items.
///
/// A slot is freed only when every marker that names it has come out of the sequencer, so an index in flight is never ambiguous.
public struct StreamSlot: BitwiseCopyable, Hashable, Sendable {
  public var index: UInt32

  @inlinable
  public init(_ index: UInt32) { self.index = index }
}

/// What a channel did with a stream's items since that stream's last marker in that channel. Parts of `accepted`.
public struct ItemTally: BitwiseCopyable, Equatable, Sendable {
  public var late: UInt64 = 0
  public var quarantined: UInt64 = 0
  public var outOfSession: UInt64 = 0
  public var dropped: UInt64 = 0

  @inlinable
  public init() {}
}

/// The end of one read of one publish stream, in one channel. It follows the read's items through the channel's ring and
/// the events they caused through the sequencer, so its arrival proves that both are done.
public struct Marker: BitwiseCopyable, Equatable, Sendable {
  public var slot: StreamSlot
  /// Which of the stream's reads ends here: 0, 1, … rising.
  public var read: UInt64
  /// Filled in by the channel's worker.
  public var tally: ItemTally

  @inlinable
  public init(slot: StreamSlot, read: UInt64) {
    self.slot = slot
    self.read = read
    self.tally = ItemTally()
  }
}

/// What channel workers hand to the sequencer, in order.
public enum SequencerInput: BitwiseCopyable, Sendable {
  case event(MarketEvent)
  case marker(Marker)
}
