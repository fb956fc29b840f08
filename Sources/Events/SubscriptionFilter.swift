package import MarketData

/// Decides which events a subscriber wants.
///
/// - Cost: a few compares and a bit test an event; each symbol's text is looked at once.
package struct SubscriptionFilter {
  private enum Verdict: UInt8 {
    case unknown
    case wanted
    case unwanted
  }

  private let types: UInt32
  private let directions: UInt32
  private let sessions: UInt32
  private let minSignificance: Double
  /// Nil = all.
  private let channels: Set<UInt16>?
  private let exact: Set<String>
  private let prefixes: [String]
  private let wantsAllSymbols: Bool
  private let symbols: SymbolTable
  private var verdicts: [Verdict] = []

  /// - Parameter channelNames: the channels by their index; names that are none of them match nothing.
  package init(_ request: SubscriptionRequest, symbols: SymbolTable, channelNames: SymbolTable) {
    func mask(_ values: [Int32]) -> UInt32 {
      values.isEmpty ? .max : values.reduce(0) { $0 | 1 << UInt32($1) }
    }
    types = mask(request.types)
    directions = mask(request.directions)
    sessions = mask(request.sessions)
    minSignificance = request.minSignificance
    channels =
      request.channels.isEmpty
      ? nil : Set(request.channels.compactMap { channelNames.id(of: $0) }.map { UInt16($0.index) })
    exact = Set(request.symbols.filter { !$0.hasSuffix("*") })
    prefixes = request.symbols.filter { $0.hasSuffix("*") }.map { String($0.dropLast()) }
    wantsAllSymbols = request.symbols.isEmpty || prefixes.contains("")
    self.symbols = symbols
  }

  package mutating func matches(_ entry: LogEntry) -> Bool {
    guard types >> UInt32(entry.type.rawValue) & 1 == 1, directions >> UInt32(entry.direction.rawValue) & 1 == 1,
      sessions >> UInt32(entry.session.rawValue) & 1 == 1, entry.significance >= minSignificance
    else { return false }
    if let channels, !channels.contains(entry.channel) { return false }
    return wantsAllSymbols || wants(entry.symbol)
  }

  private mutating func wants(_ symbol: SymbolID) -> Bool {
    let index = Int(symbol.index)
    if index >= verdicts.count {
      verdicts.append(contentsOf: repeatElement(.unknown, count: index + 1 - verdicts.count))
    }
    if verdicts[index] == .unknown {
      let name = symbols.name(of: symbol)
      verdicts[index] = exact.contains(name) || prefixes.contains { name.hasPrefix($0) } ? .wanted : .unwanted
    }
    return verdicts[index] == .wanted
  }
}
