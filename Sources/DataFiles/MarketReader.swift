/// One row of a bar file.
package struct BarRow: Equatable, Sendable {
  package var symbol: String
  package var startNanos: Int64
  package var durationNanos: Int64
  package var open: Double
  package var high: Double
  package var low: Double
  package var close: Double
  package var volume: Double
  /// 0 = not given.
  package var vwap: Double
  package var trades: UInt64
  /// Whether the row says 1 under `partial`: it is not the bar's last version.
  package var isPartial: Bool

  static let columns = ["symbol", "start_ns", "duration_ns", "open", "high", "low", "close", "volume"]

  init(_ row: ColumnReader.Row) throws(BadRow) {
    symbol = try row.symbol()
    startNanos = try row.integer("start_ns")
    durationNanos = try row.integer("duration_ns")
    open = try row.number("open")
    high = try row.number("high")
    low = try row.number("low")
    close = try row.number("close")
    volume = try row.number("volume")
    vwap = try row.number("vwap", orElse: 0)
    trades = try row.unsigned("trades", orElse: 0)
    isPartial = try row.flag("partial")
  }
}

/// One row of a file of fair values.
package struct FairValueRow: Equatable, Sendable {
  package var symbol: String
  package var timestampNanos: Int64
  package var fairValue: Double
  /// 0 = not given.
  package var marketPrice: Double
  /// 0 = not given.
  package var confidence: Double
  package var model: String

  static let columns = ["symbol", "timestamp_ns", "fmv"]

  init(_ row: ColumnReader.Row) throws(BadRow) {
    symbol = try row.symbol()
    timestampNanos = try row.integer("timestamp_ns")
    fairValue = try row.number("fmv")
    marketPrice = try row.number("market_price", orElse: 0)
    confidence = try row.number("confidence", orElse: 0)
    model = row.text("model").map(String.init) ?? ""
  }
}

package enum MarketRow: Equatable, Sendable {
  case tick(TickRow)
  case bar(BarRow)
  case fairValue(FairValueRow)

  /// When it happened; of a bar, when it started.
  package var timeNanos: Int64 {
    switch self {
    case .tick(let row): row.timestampNanos
    case .bar(let row): row.startNanos
    case .fairValue(let row): row.timestampNanos
    }
  }
}

/// A CSV file of ticks, bars or fair values: its header tells which.
package final class MarketReader {
  package enum Kind: Sendable {
    case ticks
    case bars
    case fairValues
  }

  private let columns: ColumnReader
  package let kind: Kind

  package var lines: LineReader { columns.lines }

  /// - Throws: `DataFileError`, or `BadRow` where the header is of no kind.
  package init(_ lines: LineReader) throws {
    columns = try ColumnReader(lines)
    if columns.has("fmv") {
      kind = .fairValues
      try columns.require(FairValueRow.columns)
    } else if columns.has("open") {
      kind = .bars
      try columns.require(BarRow.columns)
    } else {
      kind = .ticks
      try columns.require(TickRow.columns)
    }
  }

  /// The next row; nil at the end. A bad row is thrown, and the one after it can be read.
  package func next() throws -> MarketRow? {
    guard let row = try columns.next() else { return nil }
    switch kind {
    case .ticks: return .tick(try TickRow(row))
    case .bars: return .bar(try BarRow(row))
    case .fairValues: return .fairValue(try FairValueRow(row))
    }
  }
}
