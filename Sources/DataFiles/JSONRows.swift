/// The rows of a JSON file: one object a line, or one document.
enum JSONRows {
  /// The first rows of a file of lines, or all of a document.
  struct Start {
    var records: [JSONRecord] = []
    var bad: [BadRow] = []
    var isDocument = false

    /// The members' names, in the order in which they first come.
    var names: [String] {
      var known: Set<String> = []
      return records.flatMap(\.members).map(\.name).filter { known.insert($0).inserted }
    }
  }

  private static let documentMax = 64 << 20

  /// Whether a file begins like one.
  static func isJSON(_ lines: LineReader) throws(DataFileError) -> Bool {
    let first = try lines.firstByte()
    return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
  }

  static func start(_ lines: LineReader, upTo count: Int) throws -> Start {
    var start = Start()
    var taken: [UInt8] = []
    while start.records.count < count {
      guard let line = try nextLine(lines, isFirst: start.records.isEmpty) else { break }
      taken += Array(line.utf8)
      taken.append(0x0A)
      if isBlank(line) { continue }
      if let record = record(line, number: lines.line) {
        start.records.append(record)
      } else if start.records.isEmpty {
        break
      } else {
        start.bad.append(BadRow(line: lines.line, message: "is no JSON object"))
      }
    }
    guard start.records.isEmpty else { return start }
    taken += try lines.rest(upTo: documentMax)
    return try document(withoutMark(taken))
  }

  /// A row of a file of lines; nil where the line is no object, or one that holds rows.
  static func record(_ line: String, number: Int) -> JSONRecord? {
    guard let value = try? JSONValue.parse(withoutMark(Array(line.utf8)), line: number) else { return nil }
    guard case .object(let members, _) = value, !JSONRecord.isContainer(members) else { return nil }
    return JSONRecord(members, line: number)
  }

  static func fields(_ record: JSONRecord, _ places: [String: Int]) -> [Substring] {
    var fields = [Substring](repeating: "", count: places.count)
    for (name, cell) in record.members { if let place = places[name] { fields[place] = cell } }
    return fields
  }

  private static func document(_ bytes: [UInt8]) throws -> Start {
    do throws(JSONValue.Problem) {
      return Start(records: JSONRecord.all(in: try JSONValue.parse(bytes, line: 1)), isDocument: true)
    } catch {
      throw BadRow(line: error.line, message: "the file begins like JSON, and here it is none")
    }
  }

  /// A document may be one line, longer than a line may be: nil then.
  private static func nextLine(_ lines: LineReader, isFirst: Bool) throws -> String? {
    do {
      return try lines.next()
    } catch DataFileError.lineTooLong where isFirst {
      return nil
    }
  }

  private static func isBlank(_ line: String) -> Bool { line.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 } }

  private static func withoutMark(_ bytes: [UInt8]) -> [UInt8] {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
  }
}
