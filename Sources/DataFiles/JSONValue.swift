/// A value of JSON, numbers as they are written: nanoseconds do not fit a `Double`.
indirect enum JSONValue {
  case text(Substring)
  case list([JSONValue])
  /// With the line on which it begins.
  case object([(name: String, value: JSONValue)], line: Int)

  struct Problem: Error {
    var line: Int
  }

  /// - Parameter line: that of the first byte.
  /// - Throws: `Problem` where the text is no JSON.
  static func parse(_ bytes: [UInt8], line: Int) throws(Problem) -> JSONValue {
    var parser = JSONParser(bytes: bytes, line: line)
    return try parser.whole()
  }

  /// What a cell of it would hold: of a list its values with commas between them, of an object nothing.
  var cell: Substring {
    switch self {
    case .text(let text): text
    case .list(let values): Substring(values.map { String($0.cell) }.joined(separator: ","))
    case .object: ""
    }
  }
}

/// One row of a JSON file: its members by name.
struct JSONRecord {
  var members: [(name: String, cell: Substring)]
  var line: Int

  init(_ object: [(name: String, value: JSONValue)], line: Int, symbol: String? = nil) {
    members = object.map { ($0.name, $0.value.cell) }
    self.line = line
    if let symbol, !members.contains(where: { $0.name == "symbol" || $0.name == "S" || $0.name == "ticker" }) {
      members.append(("symbol", Substring(symbol)))
    }
  }

  /// Whether an object holds rows rather than being one.
  static func isContainer(_ object: [(name: String, value: JSONValue)]) -> Bool {
    object.contains { member in
      switch member.value {
      case .list(let values): if case .object? = values.first { true } else { values.isEmpty }
      case .object: true
      case .text: false
      }
    }
  }

  /// The rows of a document: a list of them, or an object that has one, by symbol or for one symbol (`{"bars": {"AAPL": [{…}]}}`).
  static func all(in value: JSONValue, symbol: String? = nil) -> [JSONRecord] {
    switch value {
    case .text: return []
    case .list(let values): return values.flatMap { all(in: $0, symbol: symbol) }
    case .object(let members, let line):
      guard isContainer(members) else { return [JSONRecord(members, line: line, symbol: symbol)] }
      let named = members.first { $0.name == "symbol" || $0.name == "ticker" }.map { String($0.value.cell) }
      return members.flatMap { member -> [JSONRecord] in
        // Below the outermost object, names are those of symbols.
        guard case .object(let inner, _) = member.value, isContainer(inner) || symbol == nil else {
          return all(in: member.value, symbol: named ?? symbol)
        }
        return inner.flatMap { all(in: $0.value, symbol: $0.name) }
      }
    }
  }
}

private struct JSONParser {
  private static let depthMax = 16

  private let bytes: [UInt8]
  private var place = 0
  private var line: Int
  private var depth = 0

  init(bytes: [UInt8], line: Int) {
    self.bytes = bytes
    self.line = line
  }

  mutating func whole() throws(JSONValue.Problem) -> JSONValue {
    let value = try value()
    skipSpace()
    guard place == bytes.count else { throw problem }
    return value
  }

  private var problem: JSONValue.Problem { JSONValue.Problem(line: line) }
  private var current: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipSpace() {
    while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) {
      if bytes[place] == 0x0A { line += 1 }
      place += 1
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard current == byte else { return false }
    place += 1
    return true
  }

  private mutating func value() throws(JSONValue.Problem) -> JSONValue {
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): return try nested { parser throws(JSONValue.Problem) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(JSONValue.Problem) in try parser.list() }
    case UInt8(ascii: "\""): return .text(Substring(try string()))
    default: return .text(try word())
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONValue.Problem) -> JSONValue
  ) throws(JSONValue.Problem) -> JSONValue {
    guard depth < Self.depthMax else { throw problem }
    depth += 1
    place += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func object() throws(JSONValue.Problem) -> JSONValue {
    let start = line
    var members: [(name: String, value: JSONValue)] = []
    if take(UInt8(ascii: "}")) { return .object(members, line: start) }
    repeat {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw problem }
      let name = try string()
      guard take(UInt8(ascii: ":")) else { throw problem }
      members.append((name, try value()))
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw problem }
    return .object(members, line: start)
  }

  private mutating func list() throws(JSONValue.Problem) -> JSONValue {
    var values: [JSONValue] = []
    if take(UInt8(ascii: "]")) { return .list(values) }
    repeat { values.append(try value()) } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw problem }
    return .list(values)
  }

  /// A number, true, false or null; null is an empty cell.
  private mutating func word() throws(JSONValue.Problem) -> Substring {
    let start = place
    while let byte = current, ![0x2C, 0x5D, 0x7D, 0x20, 0x09, 0x0A, 0x0D].contains(byte) { place += 1 }
    let text = Substring(String(decoding: bytes[start..<place], as: UTF8.self))
    switch text {
    case "null": return ""
    case "true": return "1"
    case "false": return "0"
    default:
      guard NumberText.double(text) != nil else { throw problem }
      return text
    }
  }

  private mutating func string() throws(JSONValue.Problem) -> String {
    place += 1
    var text: [UInt8] = []
    while let byte = current {
      place += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let escaped = current else { throw problem }
        place += 1
        switch escaped {
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "u"): text += Array(String(try unicode()).utf8)
        default: text.append(escaped)
        }
      default: text.append(byte)
      }
    }
    throw problem
  }

  /// The four digits after `\u`; of what lies beyond them, in two halves, a mark of what cannot be shown.
  private mutating func unicode() throws(JSONValue.Problem) -> Character {
    guard place + 4 <= bytes.count,
      let value = UInt32(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
    else {
      throw problem
    }
    place += 4
    return Character(Unicode.Scalar(value) ?? "\u{FFFD}")
  }
}
