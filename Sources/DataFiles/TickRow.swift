/// One row of a tick file: `symbol,timestamp_ns,price,size` and, if it likes, `conditions`.
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

  init(_ row: Row) throws(BadRow) {
    symbol = try row.symbol()
    timestampNanos = try row.time()
    price = try row.price(.price)
    size = try row.number(.size)
    conditions = try row.conditions()
  }
}
