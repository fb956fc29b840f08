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
  private let channels: Set<String>?
  private let channelNames: SymbolTable
  private var channelVerdicts: [Verdict] = []
  /// Nil = all.
  private let matcher: SymbolMatcher?
  private let symbols: SymbolTable
  private var symbolVerdicts: [Verdict] = []

  /// - Parameter channelNames: the channels by their index; one that is named before there is such a channel is heard once there is.
  package init(_ request: SubscriptionRequest, symbols: SymbolTable, channelNames: SymbolTable) {
    func mask(_ values: [Int32]) -> UInt32 {
      values.isEmpty ? .max : values.reduce(0) { $0 | 1 << UInt32($1) }
    }
    types = mask(request.types)
    directions = mask(request.directions)
    sessions = mask(request.sessions)
    minSignificance = request.minSignificance
    channels = request.channels.isEmpty ? nil : Set(request.channels)
    self.channelNames = channelNames
    let matcher = SymbolMatcher(request.symbols)
    self.matcher = request.symbols.isEmpty || matcher.matchesAll ? nil : matcher
    self.symbols = symbols
  }

  package mutating func matches(_ entry: LogEntry) -> Bool {
    guard types >> UInt32(entry.type.rawValue) & 1 == 1, directions >> UInt32(entry.direction.rawValue) & 1 == 1,
      sessions >> UInt32(entry.session.rawValue) & 1 == 1, entry.significance >= minSignificance
    else { return false }
    if let channels {
      let names = channelNames
      let isWanted = Self.judge(Int(entry.channel), &channelVerdicts) {
        channels.contains(names.name(of: SymbolID(UInt32(entry.channel))))
      }
      if !isWanted { return false }
    }
    guard let matcher else { return true }
    let symbols = symbols
    return Self.judge(Int(entry.symbol.index), &symbolVerdicts) { matcher.matches(symbols.name(of: entry.symbol)) }
  }

  /// Each number is judged once.
  private static func judge(_ index: Int, _ verdicts: inout [Verdict], _ isWanted: () -> Bool) -> Bool {
    if index >= verdicts.count {
      verdicts.append(contentsOf: repeatElement(.unknown, count: index + 1 - verdicts.count))
    }
    if verdicts[index] == .unknown { verdicts[index] = isWanted() ? .wanted : .unwanted }
    return verdicts[index] == .wanted
  }
}
