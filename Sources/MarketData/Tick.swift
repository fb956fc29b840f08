/// A symbol's dense number: 0, 1, … in the order in which the process first saw the symbols. Never reused.
package struct SymbolID: BitwiseCopyable, Hashable, Sendable {
  package var index: UInt32

  @inlinable
  package init(_ index: UInt32) { self.index = index }
}

/// The trade conditions that the detectors look at (contract.md, `Tick.conditions`). Other bits are kept and ignored.
package struct TickConditions: OptionSet, BitwiseCopyable, Hashable, Sendable {
  package var rawValue: UInt32

  @inlinable
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The price counts for nothing: no extremes, no print filter.
  package static let notEligibleForHighLow = TickConditions(rawValue: 1)
  /// The size counts for no volume.
  package static let notEligibleForVolume = TickConditions(rawValue: 2)
}

/// One trade of one symbol, as a fixed-size record of 32 bytes.
package struct Tick: BitwiseCopyable, Equatable, Sendable {
  package var symbol: SymbolID
  package var conditions: TickConditions
  /// When the trade happened, from the source.
  package var eventTime: UnixNanos
  /// In the instrument's currency; finite, > 0.
  package var price: Double
  /// In units traded; finite, >= 0.
  package var size: Double

  @inlinable
  package init(symbol: SymbolID, conditions: TickConditions, eventTime: UnixNanos, price: Double, size: Double) {
    self.symbol = symbol
    self.conditions = conditions
    self.eventTime = eventTime
    self.price = price
    self.size = size
  }
}
