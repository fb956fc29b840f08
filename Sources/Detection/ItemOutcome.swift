/// What became of one item besides its events.
public struct ItemOutcome: OptionSet, BitwiseCopyable, Sendable {
  public let rawValue: UInt8

  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  @inlinable
  public var isEmpty: Bool { rawValue == 0 }

  /// Whether something of it is counted, in metrics or acknowledgements.
  @inlinable
  public var isCounted: Bool { rawValue & ~(Self.lookedAt.rawValue | Self.oddLot.rawValue) != 0 }

  @inlinable
  public func contains(_ other: ItemOutcome) -> Bool { rawValue & other.rawValue == other.rawValue }

  /// Older than its symbol's watermark by more than the tolerance; a bar that starts at or before the start of the one before it: ignored.
  @inlinable public static var late: ItemOutcome { ItemOutcome(rawValue: 1) }
  /// A tick kept out by the print filter.
  @inlinable public static var quarantined: ItemOutcome { ItemOutcome(rawValue: 2) }
  /// In CLOSED: only the last price was updated, and windows closed.
  @inlinable public static var outOfSession: ItemOutcome { ItemOutcome(rawValue: 4) }
  /// A fair value without a market price, and no tick price that is young enough: nothing is decided.
  @inlinable public static var stale: ItemOutcome { ItemOutcome(rawValue: 8) }
  /// A fair value below `min_confidence`: nothing is decided.
  @inlinable public static var unsure: ItemOutcome { ItemOutcome(rawValue: 16) }
  /// A tick whose price counts for nothing.
  @inlinable public static var oddLot: ItemOutcome { ItemOutcome(rawValue: 64) }
  /// A bar that took the place of its last version.
  @inlinable public static var revised: ItemOutcome { ItemOutcome(rawValue: 128) }
  /// A tick that was looked at in full: ask `lastPrice(of:)` whether it has a new last price.
  @inlinable public static var lookedAt: ItemOutcome { ItemOutcome(rawValue: 32) }
}
