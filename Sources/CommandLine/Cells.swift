/// Text in columns of a terminal: what it takes there, and how it is cut and filled to a width. Pure.
enum Cells {
  /// Columns that a character takes: 2 for wide ones of East Asia and emoji, 0 for what only joins another.
  static func width(of character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    if scalar.isASCII { return 1 }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default:
      return scalar.properties.generalCategory == .nonspacingMark || scalar.properties.generalCategory == .format
        ? 0 : 1
    }
  }

  static func width(of text: String) -> Int { text.reduce(0) { $0 + width(of: $1) } }

  /// Text from elsewhere as a terminal may be given it: what would steer the terminal becomes a mark.
  static func tame(_ text: String) -> String {
    String(
      text.map { character -> Character in
        let isControl = character.unicodeScalars.contains { $0.properties.generalCategory == .control }
        return isControl ? "\u{FFFD}" : character
      })
  }

  /// The text in exactly `width` columns: filled with spaces, or cut with `…` at its end.
  static func fit(_ text: String, _ width: Int, right: Bool = false) -> String {
    let text = tame(text)
    let taken = self.width(of: text)
    if taken > width { return cut(text, width) }
    let space = String(repeating: " ", count: width - taken)
    return right ? space + text : text + space
  }

  private static func cut(_ text: String, _ width: Int) -> String {
    guard width > 0 else { return "" }
    var result = ""
    var taken = 0
    for character in text {
      let next = self.width(of: character)
      if taken + next > width - 1 { break }
      result.append(character)
      taken += next
    }
    return result + "…" + String(repeating: " ", count: width - 1 - taken)
  }

  /// Without spaces at the end.
  static func trimmed(_ text: String) -> String {
    var text = text
    while text.last == " " { text.removeLast() }
    return text
  }
}
