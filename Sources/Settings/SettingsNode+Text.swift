// Trees as YAML.

extension SettingsNode {
  /// All of it in one line.
  package var flow: String {
    switch value {
    case .plain(let text): text
    case .text(let text): Self.quoted(text)
    case .list(let items): "[\(items.map(\.flow).joined(separator: ", "))]"
    case .section(let entries): "{\(entries.map { "\($0.key): \($0.node.flow)" }.joined(separator: ", "))}"
    }
  }

  /// A section's lines, as a file for people has them: each key in its own, short values in one.
  /// - Parameter notes: whether each key's note stands above it.
  package func block(notes: Bool = false) -> [String] {
    guard let entries else { return [flow] }
    return entries.flatMap { entry -> [String] in
      let note = notes ? Self.wrapped(entry.note).map { "# \($0)" } : []
      if entry.node.entries != nil {
        return note + ["\(entry.key):"] + entry.node.block(notes: notes).map { "  \($0)" }
      }
      guard let items = entry.node.items, items.contains(where: { $0.entries != nil }) else {
        return note + ["\(entry.key): \(entry.node.flow)"]
      }
      return note + ["\(entry.key):"] + items.flatMap { $0.item(notes: notes).map { "  \($0)" } }
    }
  }

  /// The lines of a section as an item of a list: one line where nothing in it is nested.
  private func item(notes: Bool) -> [String] {
    guard let entries, entries.contains(where: { $0.node.scalar == nil }) else { return ["- \(flow)"] }
    var lines = block(notes: notes)
    // A list's item begins with a key; its note would stand where the dash belongs.
    if notes { lines.removeFirst(Self.wrapped(entries[0].note).count) }
    return lines.enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element }
  }

  private static func wrapped(_ note: String) -> [String] {
    note.split(separator: " ").reduce(into: []) { lines, word in
      if let last = lines.last, last.count + word.count < 110 {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
  }

  /// A text as YAML writes it. A JSON string is YAML too.
  private static func quoted(_ text: String) -> String {
    if isPlain(text) { return text }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
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
