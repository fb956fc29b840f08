/// A symbol's dense number: 0, 1, … in the order in which the process first saw the symbols. Never reused.
public struct SymbolID: BitwiseCopyable, Hashable, Sendable {
  public var index: UInt32

  @inlinable
  public init(_ index: UInt32) { self.index = index }
}

/// The trade conditions that the detectors look at (contract.md, `Tick.conditions`). Other bits are kept and ignored.
public struct TickConditions: OptionSet, BitwiseCopyable, Hashable, Sendable {
  public var rawValue: UInt32

  @inlinable
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The price counts for nothing: no extremes, no print filter. Alone it marks an odd lot.
  @inlinable public static var notEligibleForPrices: TickConditions { TickConditions(rawValue: 1) }
  /// The size counts for no volume.
  @inlinable public static var notEligibleForVolume: TickConditions { TickConditions(rawValue: 2) }
  /// The price is REGULAR's official close.
  @inlinable public static var officialClose: TickConditions { TickConditions(rawValue: 4) }
  /// Those above.
  @inlinable public static var regarded: TickConditions { TickConditions(rawValue: 7) }

  /// Of the conditions that are regarded it has the one that keeps its price out, and no other.
  @inlinable public var isOddLotOnly: Bool { rawValue & Self.regarded.rawValue == Self.notEligibleForPrices.rawValue }

  @inlinable
  public func isDisjoint(with other: TickConditions) -> Bool { rawValue & other.rawValue == 0 }

  @inlinable
  public func contains(_ other: TickConditions) -> Bool { rawValue & other.rawValue == other.rawValue }
}

/// One trade of one symbol, as a fixed-size record of 32 bytes.
public struct Tick: BitwiseCopyable, Equatable, Sendable {
  public var symbol: SymbolID
  public var conditions: TickConditions
  /// When the trade happened, from the source.
  public var eventTime: UnixNanos
  /// In the instrument's currency; finite, > 0.
  public var price: Double
  /// In units traded; finite, >= 0.
  public var size: Double

  @inlinable
  public init(symbol: SymbolID, conditions: TickConditions, eventTime: UnixNanos, price: Double, size: Double) {
    self.symbol = symbol
    self.conditions = conditions
    self.eventTime = eventTime
    self.price = price
    self.size = size
  }
}
