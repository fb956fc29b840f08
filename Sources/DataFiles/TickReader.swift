/// One row of a tick file.
package struct TickRow: Equatable, Sendable {
  package var symbol: String
  package var timestampNanos: Int64
  package var price: Double
  package var size: Double
  package var conditions: UInt32

  package init(symbol: String, timestampNanos: Int64, price: Double, size: Double, conditions: UInt32 = 0) {
    self.symbol = symbol
    self.timestampNanos = timestampNanos
    self.price = price
    self.size = size
    self.conditions = conditions
  }

  static let columns = ["symbol", "timestamp_ns", "price", "size"]

  init(_ row: ColumnReader.Row) throws(BadRow) {
    symbol = try row.symbol()
    timestampNanos = try row.integer("timestamp_ns")
    price = try row.number("price")
    size = try row.number("size")
    conditions = try row.unsigned("conditions", orElse: 0)
  }
}

/// The ticks of a CSV file with the columns `symbol,timestamp_ns,price,size` and, if it likes, `conditions`; the header names their order.
package final class TickReader {
  private let columns: ColumnReader

  package var lines: LineReader { columns.lines }

  /// - Throws: `DataFileError`, or `BadRow` where the header lacks a column.
  package init(_ lines: LineReader) throws {
    columns = try ColumnReader(lines)
    try columns.require(TickRow.columns)
  }

  /// The next tick; nil at the end. A bad row is thrown, and the one after it can be read.
  package func next() throws -> TickRow? { try columns.next().map { try TickRow($0) } }
}
