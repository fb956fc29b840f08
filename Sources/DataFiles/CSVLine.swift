/// One line of a file with separators, cut into its fields.
enum CSVLine {
  private static let quote = UInt8(ascii: "\"")

  /// What stands between the fields: of those that people use the one that the line has most of.
  static func separator(of header: String) -> UInt8 {
    var best = (separator: UInt8(ascii: ","), count: 0)
    for separator in [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|")] {
      let count = header.utf8.count { $0 == separator }
      if count > best.count { best = (separator, count) }
    }
    return best.separator
  }

  /// - Throws: `BadRow` where a quote is not closed.
  static func fields(_ line: String, _ separator: UInt8, number: Int) throws(BadRow) -> [Substring] {
    let bytes = line.utf8
    var fields: [Substring] = []
    fields.reserveCapacity(16)
    var start = bytes.startIndex
    var place = start
    while place < bytes.endIndex {
      let byte = bytes[place]
      if byte == quote { return try quoted(line, separator, number: number) }
      if byte == separator {
        fields.append(trimmed(line[start..<place]))
        start = bytes.index(after: place)
      }
      place = bytes.index(after: place)
    }
    fields.append(trimmed(line[start...]))
    return fields
  }

  private static func trimmed(_ field: Substring) -> Substring {
    guard field.utf8.first == UInt8(ascii: " ") || field.utf8.last == UInt8(ascii: " ") else { return field }
    var field = field
    while field.utf8.first == UInt8(ascii: " ") { field.removeFirst() }
    while field.utf8.last == UInt8(ascii: " ") { field.removeLast() }
    return field
  }

  /// As RFC 4180 says, but for fields that go over several lines.
  private static func quoted(_ line: String, _ separator: UInt8, number: Int) throws(BadRow) -> [Substring] {
    var fields: [Substring] = []
    var field: [UInt8] = []
    var isInside = false
    var wasQuoted = false
    func end() {
      let text = Substring(String(decoding: field, as: UTF8.self))
      fields.append(wasQuoted ? text : trimmed(text))
      field.removeAll()
      wasQuoted = false
    }
    var bytes = line.utf8.makeIterator()
    var ahead = bytes.next()
    while let byte = ahead {
      ahead = bytes.next()
      switch (byte, isInside) {
      case (quote, true) where ahead == quote:
        field.append(quote)
        ahead = bytes.next()
      case (quote, true): isInside = false
      case (quote, false) where field.allSatisfy({ $0 == UInt8(ascii: " ") }):
        field.removeAll()
        (isInside, wasQuoted) = (true, true)
      case (separator, false): end()
      default: field.append(byte)
      }
    }
    guard !isInside else {
      throw BadRow(line: number, message: "has a quote that is not closed; a field may not go over several lines")
    }
    end()
    return fields
  }
}
