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

    private func bad(_ name: String) -> BadRow {
      BadRow(line: line, message: "\(name) is '\(text(name) ?? "")', which is no number")
    }
  }

  package let lines: LineReader
  private var places: [String: Int] = [:]
  private let header: String

  package init(_ lines: LineReader) throws(DataFileError) {
    self.lines = lines
    header = try lines.next() ?? ""
    for (place, name) in header.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
      places[name.filter { $0 != " " }] = place
    }
  }

  package func has(_ name: String) -> Bool { places[name] != nil }

  package func require(_ names: [String]) throws(BadRow) {
    for name in names where !has(name) {
      throw BadRow(line: 1, message: "the header has no column '\(name)'; it is '\(header.prefix(100))'")
    }
  }

  /// The next row that is not empty; nil at the end.
  package func next() throws(DataFileError) -> Row? {
    while let line = try lines.next() {
      guard !line.isEmpty else { continue }
      return Row(
        fields: line.split(separator: ",", omittingEmptySubsequences: false), places: places, line: lines.line)
    }
    return nil
  }
}
