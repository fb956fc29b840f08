internal import MarketData

/// The files of known sources, by `--format` or by what their header says.
package enum FileFormat: String, CaseIterable, Sendable {
  case penstock
  case databento
  case polygonTrades = "polygon-trades"
  case polygonMinute = "polygon-minute"
  case polygonDay = "polygon-day"
  case binanceAggregateTrades = "binance-aggtrades"
  case binanceTrades = "binance-trades"
  case binanceKlines = "binance-klines"
  case stooq
  case yahoo
  case kaggle
  case alpaca

  /// Also by Polygon's newer name, Massive.
  package init?(text: String) {
    let text = text.lowercased()
    let name = text.hasPrefix("massive-") ? "polygon-" + text.dropFirst("massive-".count) : text
    guard let format = FileFormat(rawValue: name) else { return nil }
    self = format
  }

  package var words: String {
    switch self {
    case .penstock: "our own columns"
    case .databento: "Databento CSV"
    case .polygonTrades: "Polygon trades"
    case .polygonMinute: "Polygon minute aggregates"
    case .polygonDay: "Polygon day aggregates"
    case .binanceAggregateTrades: "Binance aggTrades"
    case .binanceTrades: "Binance trades"
    case .binanceKlines: "Binance klines"
    case .stooq: "Stooq"
    case .yahoo: "Yahoo daily"
    case .kaggle: "Date,Time,Open,High,Low,Close,Volume"
    case .alpaca: "JSON bars of one-letter names (Alpaca, Polygon)"
    }
  }

  /// By the columns' plain names; Polygon's aggregates are told apart by their times, later.
  static func recognised(_ names: [String]) -> FileFormat? {
    func has(_ wanted: String...) -> Bool { wanted.allSatisfy(names.contains) }
    if has("o", "h", "l", "c", "v", "t") { return .alpaca }
    if has("rtype", "publisherid") { return .databento }
    if has("ticker", "siptimestamp", "price") { return .polygonTrades }
    if has("ticker", "windowstart", "open") { return .polygonMinute }
    if has("aggtradeid", "price") { return .binanceAggregateTrades }
    if has("quoteqty", "price") { return .binanceTrades }
    if has("opentime", "closetime", "open") { return .binanceKlines }
    if has("date", "open", "adjclose") { return .yahoo }
    if has("ticker", "per", "date", "time", "open", "vol")
      || names == ["date", "open", "high", "low", "close", "volume"]
    {
      return .stooq
    }
    if has("date", "time", "open", "close", "volume") { return .kaggle }
    return nil
  }

  /// Binance's files had no header for long: what a first row of so many numbers and flags is.
  static func recognised(firstRow fields: [Substring]) -> FileFormat? {
    func isNumber(_ place: Int) -> Bool { NumberText.double(fields[place]) != nil }
    func isFlag(_ place: Int) -> Bool { ["true", "false"].contains(fields[place].lowercased()) }
    func isTime(_ place: Int) -> Bool { Int64(fields[place]).flatMap(TimeUnit.guess) != nil }
    switch fields.count {
    case 12 where isTime(0) && isTime(6) && (1...5).allSatisfy(isNumber): return .binanceKlines
    case 8 where isTime(5) && isFlag(6) && isFlag(7), 7 where isTime(5) && isFlag(6): return .binanceAggregateTrades
    case 7 where isTime(4) && isFlag(5) && isFlag(6), 6 where isTime(4) && isFlag(5): return .binanceTrades
    default: return nil
    }
  }

  /// The columns of a file of it without a header.
  package var columns: [String]? {
    switch self {
    case .binanceAggregateTrades:
      [
        "agg_trade_id", "price", "quantity", "first_trade_id", "last_trade_id", "transact_time", "is_buyer_maker",
        "is_best_match",
      ]
    case .binanceTrades: ["id", "price", "qty", "quote_qty", "transact_time", "is_buyer_maker", "is_best_match"]
    case .binanceKlines:
      [
        "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count",
        "taker_buy_volume",
        "taker_buy_quote_volume", "ignore",
      ]
    case .kaggle: ["date", "time", "open", "high", "low", "close", "volume"]
    case .stooq: ["date", "open", "high", "low", "close", "volume"]
    default: nil
    }
  }

  /// Of its bars, where the rows do not tell.
  var durationNanos: Int64? {
    switch self {
    case .polygonMinute: 60_000_000_000
    case .polygonDay, .yahoo: 86_400_000_000_000
    default: nil
    }
  }

  /// Binance's files are named SYMBOL-what-when.
  func symbol(fromName path: String) -> String? {
    switch self {
    case .binanceAggregateTrades, .binanceTrades, .binanceKlines: break
    default: return nil
    }
    let name = path.split(separator: "/").last ?? ""
    guard let dash = name.firstIndex(of: "-") else { return nil }
    let symbol = name[..<dash]
    let isSymbol = symbol.utf8.count >= 5 && symbol.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) }
    return isSymbol ? String(symbol) : nil
  }
}
