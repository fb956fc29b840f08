internal import MarketData

/// Which events a segment may hold, in so few words that a reader with a rare filter passes over it without looking at an entry.
///
/// Symbols are kept as one bit each, at their number modulo the number of bits: exact while the server knows no more symbols than that, and
/// never wrong about what is absent.
/// - Cost: a few stores an event; 8 KiB for a segment of 4,096 events.
package struct SegmentSummary: Sendable {
  package private(set) var types: UInt32 = 0
  package private(set) var directions: UInt32 = 0
  package private(set) var sessions: UInt32 = 0
  package private(set) var highestSignificance = 0.0
  package private(set) var highestSymbol: UInt32 = 0
  package private(set) var highestChannel: UInt32 = 0
  private(set) var symbols: [UInt64]
  private(set) var channels: [UInt64] = [0]

  /// - Parameter events: that the segment has room for; sixteen bits are kept for each, so that few symbols share one.
  init(events: Int) {
    var words = 1
    while words * 64 < events * 16 { words *= 2 }
    symbols = Array(repeating: 0, count: words)
  }

  mutating func add(_ entry: LogEntry) {
    types |= 1 << UInt32(entry.type.rawValue)
    directions |= 1 << UInt32(entry.direction.rawValue)
    sessions |= 1 << UInt32(entry.session.rawValue)
    highestSignificance = max(highestSignificance, entry.significance)
    highestSymbol = max(highestSymbol, entry.symbol.index)
    highestChannel = max(highestChannel, UInt32(entry.channel))
    symbols[Self.word(entry.symbol.index, symbols)] |= 1 << UInt64(entry.symbol.index & 63)
    channels[0] |= 1 << UInt64(entry.channel & 63)
  }

  func mayHold(anyOfSymbols numbers: NumberSet) -> Bool { numbers.mayMeet(symbols) }

  func mayHold(anyOfChannels numbers: NumberSet) -> Bool { numbers.mayMeet(channels) }

  /// Where a number's bit lies in words whose count is a power of two.
  static func word(_ number: UInt32, _ words: [UInt64]) -> Int { Int(number >> 6) & (words.count - 1) }
}
