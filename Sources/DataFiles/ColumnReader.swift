/// A row that is not what it should be.
package struct BadRow: Error, Equatable {
  package var line: Int
  package var message: String

  package init(line: Int, message: String) {
    self.line = line
    self.message = message
  }
}

/// The rows of a CSV file by the names that its header gives the columns.
package final class ColumnReader {
  package struct Row {
    fileprivate let fields: [Substring]
    fileprivate let places: [String: Int]
    fileprivate let line: Int

    /// Nil where the row or the file has no such column.
    package func text(_ name: String) -> Substring? {
      places[name].flatMap { fields.indices.contains($0) ? fields[$0] : nil }
    }

    package func symbol() throws(BadRow) -> String {
      guard let symbol = text("symbol") else { throw BadRow(line: line, message: "has no symbol") }
      return String(symbol)
    }

    package func integer(_ name: String) throws(BadRow) -> Int64 {
      guard let value = text(name).flatMap({ Int64($0) }) else { throw bad(name) }
      return value
    }

    package func number(_ name: String) throws(BadRow) -> Double {
      guard let value = text(name).flatMap({ Double($0) }) else { throw bad(name) }
      return value
    }

    /// - Returns: `absent` where the column is missing or empty.
    package func number(_ name: String, orElse absent: Double) throws(BadRow) -> Double {
      guard let found = text(name), !found.isEmpty else { return absent }
      return try number(name)
    }

    package func unsigned<I: FixedWidthInteger & UnsignedInteger>(_ name: String, orElse absent: I) throws(BadRow) -> I
    {
      guard let found = text(name), !found.isEmpty else { return absent }
      guard let value = I(found) else { throw bad(name) }
      return value
    }

    /// 0 or 1; 0 where the column or the cell is absent.
    package func flag(_ name: String) throws(BadRow) -> Bool {
      switch text(name) ?? "" {
      case "", "0": return false
      case "1": return true
      default: throw BadRow(line: line, message: "\(name) is '\(text(name) ?? "")'; must be 0 or 1")
      }
    }

    private func bad(_ name: String) -> BadRow {
      BadRow(line: line, message: "\(name) is '\(text(name) ?? "")', which is no number")
    }
  }

  package let lines: LineReader
  private var places: [String: Int] = [:]
  private let header: String
  private static let quotes = "quotes are not read, fields stand between commas as they are"

  /// - Throws: `DataFileError`, or `BadRow` where there is no header, or none that can be read.
  package init(_ lines: LineReader) throws {
    self.lines = lines
    guard var header = try lines.next() else { throw BadRow(line: 1, message: "the file is empty") }
    // What Windows programs put before UTF-8 text.
    if header.unicodeScalars.first == "\u{FEFF}" { header.unicodeScalars.removeFirst() }
    self.header = header
    for (place, field) in header.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
      let name = field.filter { $0 != " " }
      guard !name.hasPrefix("\"") else { throw BadRow(line: 1, message: "the header has \(field): \(Self.quotes)") }
      guard places[name] == nil || name.isEmpty else {
        throw BadRow(line: 1, message: "the header names the column '\(name)' twice")
      }
      places[name] = place
    }
  }

  package func has(_ name: String) -> Bool { places[name] != nil }

  package func require(_ names: [String]) throws(BadRow) {
    for name in names where !has(name) {
      throw BadRow(line: 1, message: "the header has no column '\(name)'; it is '\(header.prefix(100))'")
    }
  }

  /// The next row that is not empty; nil at the end. A bad row is thrown, and the one after it can be read.
  package func next() throws -> Row? {
    while let line = try lines.next() {
      guard !line.isEmpty else { continue }
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      if let quoted = fields.first(where: { $0.utf8.first == UInt8(ascii: "\"") }) {
        throw BadRow(line: lines.line, message: "has \(quoted): \(Self.quotes)")
      }
      return Row(fields: fields, places: places, line: lines.line)
    }
    return nil
  }
}
