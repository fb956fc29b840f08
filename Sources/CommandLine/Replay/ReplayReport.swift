internal import MarketData
internal import WireCodec

/// What replays have found, as text.
enum ReplayReport {
  static func hex(_ digest: [UInt8]) -> String {
    digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }

  static func lines(_ summary: ReplaySummary) -> [String] {
    var lines: [String] = []
    let rows = summary.sorted
    for type in EventType.allCases {
      let ofType = rows.filter { $0.key.type == type }
      guard !ofType.isEmpty else { continue }
      let total = ofType.reduce(0) { $0 + $1.count }
      // The symbols with the most, as far as a line holds them.
      let most = ofType.sorted { ($1.count, $0.key.symbol) < ($0.count, $1.key.symbol) }.prefix(5)
      let rest = ofType.count > 5 ? ", …" : ""
      lines.append(
        EventTable.pad(type.wireName, 20) + EventTable.pad("\(total)", 9)
          + most.map { "\($0.key.symbol) \($0.count)" }.joined(separator: ", ") + rest)
    }
    lines.append(EventTable.pad("all", 20) + "\(summary.events)")
    lines.append("digest \(hex(summary.digest))")
    return lines
  }

  static func json(_ summary: ReplaySummary) -> String {
    let counts = summary.sorted.map { key, count in
      "{\"type\":\"\(key.type.wireName)\",\"symbol\":\"\(escaped(key.symbol))\",\"events\":\(count)}"
    }
    return
      "{\"summary\":{\"events\":\(summary.events),\"counts\":[\(counts.joined(separator: ","))],\"digest\":\"\(hex(summary.digest))\"}}"
  }

  /// How many events of each type each of two settings makes, by symbol.
  static func comparison(_ a: ReplaySummary, _ b: ReplaySummary) -> [String] {
    var lines = [row("type", "symbol", "A", "B", "B - A")]
    let keys = Set(a.counts.keys).union(b.counts.keys)
    for type in EventType.allCases {
      let ofType = keys.filter { $0.type == type }.sorted { $0.symbol < $1.symbol }
      guard !ofType.isEmpty else { continue }
      for key in ofType {
        lines.append(row(type.wireName, key.symbol, a.counts[key] ?? 0, b.counts[key] ?? 0))
      }
      if ofType.count > 1 {
        lines.append(
          row(
            type.wireName, "(all)", ofType.reduce(0) { $0 + (a.counts[$1] ?? 0) },
            ofType.reduce(0) { $0 + (b.counts[$1] ?? 0) }))
      }
    }
    lines.append(row("all", "", a.events, b.events))
    lines.append(a.digest == b.digest ? "the same events" : "digest A \(hex(a.digest))\ndigest B \(hex(b.digest))")
    return lines
  }

  /// The comparison as one line; digests tell whether the events are the same.
  static func comparisonJSON(_ a: ReplaySummary, _ b: ReplaySummary) -> String {
    let keys = Set(a.counts.keys).union(b.counts.keys).sorted {
      ($0.type.rawValue, $0.symbol) < ($1.type.rawValue, $1.symbol)
    }
    let counts = keys.map { key in
      "{\"type\":\"\(key.type.wireName)\",\"symbol\":\"\(escaped(key.symbol))\",\"a\":\(a.counts[key] ?? 0),\"b\":\(b.counts[key] ?? 0)}"
    }
    func side(_ summary: ReplaySummary) -> String {
      "{\"events\":\(summary.events),\"digest\":\"\(hex(summary.digest))\"}"
    }
    return
      "{\"comparison\":{\"a\":\(side(a)),\"b\":\(side(b)),\"counts\":[\(counts.joined(separator: ","))],\"same\":\(a.digest == b.digest)}}"
  }

  private static func row(_ type: String, _ symbol: String, _ a: UInt64, _ b: UInt64) -> String {
    let difference = Int64(b) - Int64(a)
    return row(type, symbol, "\(a)", "\(b)", difference > 0 ? "+\(difference)" : "\(difference)")
  }

  private static func row(_ type: String, _ symbol: String, _ a: String, _ b: String, _ difference: String) -> String {
    EventTable.pad(type, 20) + EventTable.pad(symbol, 16) + right(a, 9) + right(b, 9) + right(difference, 9)
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
  }

  /// Symbols are printable ASCII: two characters need a backslash.
  private static func escaped(_ symbol: String) -> String {
    symbol.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  }
}
