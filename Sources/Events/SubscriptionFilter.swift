package import LockFree
package import MarketData

/// Decides which events a subscriber wants.
///
/// - Cost: a few compares and a look-up of one number an event; a segment that holds nothing wanted is passed over by its summary.
package struct SubscriptionFilter {
  enum Verdict {
    case wanted
    case unwanted
    /// Its symbol or channel is not judged yet: `learn` does that.
    case open
  }

  /// Names, and which numbers are theirs as far as this subscription knows.
  private struct Numbers {
    /// Nil = all are wanted.
    private(set) var names: NameFilter?
    private(set) var wanted = NumberSet()

    var isAll: Bool { names == nil }

    init(_ names: NameFilter? = nil) {
      self.names = names
      if let names { wanted = names.wanted }
    }

    func isOpen(_ number: UInt32) -> Bool { number >= wanted.judged }

    /// - Returns: false where `looks` did not suffice.
    mutating func learn(_ number: UInt32, _ looks: inout Int) -> Bool {
      guard let names, number >= wanted.judged else { return true }
      wanted = names.judge(number, looks: &looks)
      // A number that has no name at all stays open, and would stay so for ever.
      return number < wanted.judged || looks > 0
    }
  }

  private let types: UInt32
  private let directions: UInt32
  private let sessions: UInt32
  private let minSignificance: Double
  private var channels = Numbers()
  private var symbols = Numbers()

  /// - Parameters:
  ///   - channelNames: the channels by their index; one that is named before there is such a channel is heard once there is.
  ///   - directory: where equal filters are found.
  ///   - holder: who counts what it keeps.
  /// - Throws: where the byte budget has no room for that.
  package init(
    _ request: SubscriptionRequest, symbols: NameTable, channelNames: NameTable, directory: FilterDirectory,
    holder: BudgetHolder
  ) throws(BudgetHolder.Refusal) {
    func mask(_ values: [Int32]) -> UInt32 {
      values.isEmpty ? .max : values.reduce(0) { $0 | 1 << UInt32($1) }
    }
    types = mask(request.types)
    directions = mask(request.directions)
    sessions = mask(request.sessions)
    minSignificance = request.minSignificance
    if !request.channels.isEmpty {
      channels = Numbers(try directory.filter(request.channels, in: channelNames, holder: holder))
    }
    if !request.symbols.isEmpty, !request.symbols.contains("*") {
      self.symbols = Numbers(try directory.filter(request.symbols, in: symbols, holder: holder))
    }
  }

  func judge(_ entry: LogEntry) -> Verdict {
    guard types >> UInt32(entry.type.rawValue) & 1 == 1, directions >> UInt32(entry.direction.rawValue) & 1 == 1,
      sessions >> UInt32(entry.session.rawValue) & 1 == 1, entry.significance >= minSignificance
    else { return .unwanted }
    if !channels.isAll {
      if channels.isOpen(UInt32(entry.channel)) { return .open }
      if !channels.wanted.contains(UInt32(entry.channel)) { return .unwanted }
    }
    if symbols.isAll { return .wanted }
    if symbols.isOpen(entry.symbol.index) { return .open }
    return symbols.wanted.contains(entry.symbol.index) ? .wanted : .unwanted
  }

  /// Whether a segment may hold an event that is wanted.
  func judge(_ summary: SegmentSummary) -> Verdict {
    guard types & summary.types != 0, directions & summary.directions != 0, sessions & summary.sessions != 0,
      summary.highestSignificance >= minSignificance
    else { return .unwanted }
    if !channels.isAll {
      if channels.isOpen(summary.highestChannel) { return .open }
      if !summary.mayHold(anyOfChannels: channels.wanted) { return .unwanted }
    }
    if symbols.isAll { return .wanted }
    if symbols.isOpen(summary.highestSymbol) { return .open }
    return summary.mayHold(anyOfSymbols: symbols.wanted) ? .wanted : .unwanted
  }

  /// Has numbers judged, up to these.
  /// - Returns: false where `looks` did not suffice: more is to be done another time. What is open after true has no name: nobody wants it.
  mutating func learn(symbol: UInt32, channel: UInt32, looks: inout Int) -> Bool {
    channels.learn(channel, &looks) && symbols.learn(symbol, &looks)
  }
}
