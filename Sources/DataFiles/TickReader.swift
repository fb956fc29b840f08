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
}

/// The ticks of a CSV file with the columns `symbol,timestamp_ns,price,size` and, if it likes, `conditions`; the header names their order.
package final class TickReader {
  /// A row that is no tick.
  package struct BadRow: Error, Equatable {
    package var line: Int
    package var message: String

    package init(line: Int, message: String) {
      self.line = line
      self.message = message
    }
  }

  package let lines: LineReader
  private var places: [String: Int] = [:]

  /// - Throws: `DataFileError`, or `BadRow` where the header lacks a column.
  package init(_ lines: LineReader) throws {
    self.lines = lines
    let header = try lines.next() ?? ""
    for (place, name) in header.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
      places[name.filter { $0 != " " }] = place
    }
    for name in ["symbol", "timestamp_ns", "price", "size"] where places[name] == nil {
      throw BadRow(line: 1, message: "the header has no column '\(name)'; it is '\(header.prefix(100))'")
    }
  }

  /// The next tick; nil at the end. A bad row is thrown, and the one after it can be read.
  package func next() throws -> TickRow? {
    guard let line = try lines.next() else { return nil }
    guard !line.isEmpty else { return try next() }
    let fields = line.split(separator: ",", omittingEmptySubsequences: false)
    func field(_ name: String) -> Substring? { places[name].flatMap { fields.indices.contains($0) ? fields[$0] : nil } }
    func bad(_ name: String) -> BadRow {
      BadRow(line: lines.line, message: "\(name) is '\(field(name) ?? "")', which is no number")
    }
    guard let symbol = field("symbol") else { throw BadRow(line: lines.line, message: "has no symbol") }
    guard let time = field("timestamp_ns").flatMap({ Int64($0) }) else { throw bad("timestamp_ns") }
    guard let price = field("price").flatMap({ Double($0) }) else { throw bad("price") }
    guard let size = field("size").flatMap({ Double($0) }) else { throw bad("size") }
    var conditions: UInt32 = 0
    if let text = field("conditions"), !text.isEmpty {
      guard let value = UInt32(text) else { throw bad("conditions") }
      conditions = value
    }
    return TickRow(symbol: String(symbol), timestampNanos: time, price: price, size: size, conditions: conditions)
  }
}
