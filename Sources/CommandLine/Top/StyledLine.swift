/// One line of a screen: texts with their looks. Pure.
struct StyledLine: Equatable {
  enum Style: Equatable {
    case plain
    case strong
    case faint
    case good
    case warning
    case bad
  }

  struct Span: Equatable {
    var text: String
    var style: Style
  }

  var spans: [Span] = []
  /// The line that keys act on: shown in reverse.
  var isChosen = false

  init(_ text: String = "", _ style: Style = .plain) {
    if !text.isEmpty { spans = [Span(text: text, style: style)] }
  }

  mutating func add(_ text: String, _ style: Style = .plain) { spans.append(Span(text: text, style: style)) }

  var text: String { spans.map(\.text).joined() }

  /// In exactly `width` columns.
  func fitted(_ width: Int) -> StyledLine {
    var result = StyledLine()
    result.isChosen = isChosen
    var left = width
    for span in spans where left > 0 {
      let text = Cells.tame(span.text)
      let taken = Cells.width(of: text)
      result.add(taken > left ? Cells.fit(text, left) : text, span.style)
      left -= min(taken, left)
    }
    if left > 0 { result.add(String(repeating: " ", count: left)) }
    return result
  }

  /// With the terminal's codes. Without colour bold, faint and reverse remain: they are none.
  func rendered(inColour: Bool) -> String {
    spans.map { span in
      var codes: [String] = isChosen ? ["7"] : []
      switch span.style {
      case .plain: break
      case .strong: codes.append("1")
      case .faint: codes.append("2")
      case .good: if inColour { codes.append("32") }
      case .warning: if inColour { codes.append("33") }
      case .bad: if inColour { codes.append("31") }
      }
      return codes.isEmpty ? span.text : "\u{1B}[\(codes.joined(separator: ";"))m\(span.text)\u{1B}[0m"
    }.joined()
  }
}
