/// What a column of a file can hold. The names are those of `--map`.
package enum Field: Int, CaseIterable, Sendable {
  case symbol, timestamp, date, time
  case price, size, conditions, correction, action
  case open, high, low, close, volume, vwap, trades, duration, end, period, recordType, partial
  case fairValue, marketPrice, confidence, model

  package var name: String {
    switch self {
    case .fairValue: "fmv"
    case .marketPrice: "market_price"
    case .recordType: "rtype"
    default: "\(self)"
    }
  }

  /// By its name, or by that of our own header's column.
  package init?(name: String) {
    let name = name == "timestamp_ns" || name == "start_ns" ? "timestamp" : name == "duration_ns" ? "duration" : name
    guard let field = Field.allCases.first(where: { $0.name == name }) else { return nil }
    self = field
  }

  /// The names that files give the column, as `ColumnName.plain` writes them; the first that is there counts.
  var synonyms: [String] {
    switch self {
    case .symbol: ["symbol", "ticker", "sym", "instrument", "contract", "code"]
    case .timestamp:
      [
        "timestampns", "startns", "timestamp", "tsevent", "siptimestamp", "windowstart", "participanttimestamp",
        "opentime",
        "transacttime", "tradetime", "datetime", "gmttime", "localtime", "eventtime", "unixtime", "unix", "epoch", "ts",
        "tsrecv", "timestampms", "timestampus", "timestamputc", "timestamps", "start", "barstart", "t",
      ]
    case .date: ["date", "tradedate", "day"]
    case .time: ["time", "timeofday"]
    case .price: ["price", "lastprice", "tradeprice", "last", "px", "p"]
    case .size: ["size", "qty", "quantity", "amount", "shares", "tradesize", "lastsize", "q"]
    case .conditions: ["conditions"]
    case .correction: ["correction"]
    case .action: ["action"]
    case .open: ["open", "openprice", "o"]
    case .high: ["high", "highprice", "h"]
    case .low: ["low", "lowprice", "l"]
    case .close: ["close", "closeprice", "c"]
    case .volume: ["volume", "vol", "v", "basevolume"]
    case .vwap: ["vwap", "vw"]
    case .trades: ["trades", "transactions", "tradecount", "numberoftrades", "count", "n"]
    case .duration: ["durationns"]
    case .end: ["closetime", "endtime"]
    case .period: ["per", "period", "timeframe"]
    case .recordType: ["rtype"]
    case .partial: ["partial"]
    case .fairValue: ["fmv", "fairmarketvalue", "fairvalue"]
    case .marketPrice: ["marketprice"]
    case .confidence: ["confidence"]
    case .model: ["model"]
    }
  }
}

enum ColumnName {
  /// Letters and digits in lower case, so that `Adj Close`, `adj_close` and `<ADJCLOSE>` are one.
  static func plain(_ name: String) -> String {
    String(decoding: name.lowercased().utf8.filter { (97...122).contains($0) || (48...57).contains($0) }, as: UTF8.self)
  }
}

/// Cells in messages: short, and without what would change a terminal.
enum Shown {
  static func text(_ cell: some StringProtocol, upTo count: Int = 60) -> String {
    let scalars = cell.unicodeScalars.prefix(count).map { scalar -> Unicode.Scalar in
      scalar.value < 32 || (127..<160).contains(scalar.value) || scalar.properties.generalCategory == .format
        ? "?" : scalar
    }
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars)
    return cell.unicodeScalars.count > count ? text + "…" : text
  }

  /// `a`, `a and b`, `a, b and c`.
  static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }
}
