/// A specification as the configuration file writes it: the file's keys in the file's forms.
package indirect enum SpecNode: Equatable, Sendable {
  package struct Entry: Equatable, Sendable {
    package var key: String
    package var value: SpecNode
  }

  case section([Entry])
  case list([SpecNode])
  /// As YAML writes it: quoted where it has to be.
  case scalar(String)

  /// All of it in one line.
  package var flow: String {
    switch self {
    case .scalar(let text): text
    case .list(let items): "[\(items.map(\.flow).joined(separator: ", "))]"
    case .section(let entries): "{\(entries.map { "\($0.key): \($0.value.flow)" }.joined(separator: ", "))}"
    }
  }

  /// A section's lines, as a file for people has them: each key in its own, short lists in one.
  package var block: [String] {
    guard case .section(let entries) = self else { return [flow] }
    return entries.flatMap { entry -> [String] in
      switch entry.value {
      case .section: ["\(entry.key):"] + entry.value.block.map { "  \($0)" }
      case .list(let items) where items.contains { if case .section = $0 { true } else { false } }:
        ["\(entry.key):"] + items.map { "  - \($0.flow)" }
      case .list, .scalar: ["\(entry.key): \(entry.value.flow)"]
      }
    }
  }

  /// The value at a path of keys.
  package subscript(_ path: String...) -> SpecNode? {
    var node = self
    for key in path {
      guard case .section(let entries) = node, let found = entries.first(where: { $0.key == key }) else { return nil }
      node = found.value
    }
    return node
  }

  /// A text as YAML writes it. A JSON string is YAML too.
  static func text(_ text: String) -> SpecNode {
    if isPlain(text) { return .scalar(text) }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return .scalar(result + "\"")
  }

  /// Whether YAML reads the text as itself without quotes, whatever its version: `no` and `null` are words of its own.
  private static func isPlain(_ text: String) -> Bool {
    let words = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
    guard let first = text.utf8.first, isLetter(first), !words.contains(text.lowercased()) else { return false }
    return text.utf8.allSatisfy { byte in
      isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "_-.".utf8.contains(byte)
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
