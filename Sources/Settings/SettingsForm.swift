internal import MarketData

/// How one kind of value is written, and which values are valid.
package struct SettingsForm<Value> {
  /// Nil where the text is no such value.
  let parse: (_ text: String) -> Value?
  let node: (Value) -> SettingsNode
  var isValid: (Value) -> Bool = { _ in true }
  /// What a value must be, after "must be": where the text is none, and where it is out of range.
  let kind: String
  let range: String
  /// Whether `"true"` in quotes is as good as `true`.
  var takesQuotes = true
  /// Whether messages quote what they found: of texts, which may be empty or hold spaces.
  var quotesFault = false

  /// The value of a node, or what is wrong with it.
  func read(_ node: SettingsNode) -> (value: Value?, problem: String) {
    guard let text = node.scalar else { return (nil, "is a list or mapping; must be \(kind)") }
    if case .text = node.value, !takesQuotes { return (nil, "is '\(text)'; must be \(kind)") }
    guard let value = parse(text) else { return (nil, "is '\(text)'; must be \(kind)") }
    return isValid(value) ? (value, "") : (nil, outOfRange(node))
  }

  func outOfRange(_ node: SettingsNode) -> String {
    let text = node.scalar ?? ""
    return "is \(quotesFault ? "'\(text)'" : text); must be \(range)"
  }
}

extension SettingsForm where Value: FixedWidthInteger & Sendable {
  /// A whole number; `_` may stand between digits.
  package static func integer(_ range: ClosedRange<Value>) -> Self {
    let limits = "from \(range.lowerBound) to \(range.upperBound)"
    return SettingsForm(
      parse: { Value($0.filter { $0 != "_" }) }, node: { .plain("\($0)") }, isValid: range.contains,
      kind: "a whole number \(limits)", range: limits)
  }
}

extension SettingsForm<Int> {
  package static func powerOfTwo(upTo most: Int) -> Self {
    let range = "a power of two from 1 to \(most)"
    return SettingsForm(
      parse: { Int($0.filter { $0 != "_" }) }, node: { .plain("\($0)") },
      isValid: { (1...most).contains($0) && $0.nonzeroBitCount == 1 }, kind: range, range: range)
  }
}

extension SettingsForm<Int64> {
  /// A duration written as `500ms`, `60s`, `20m`, `1h`; nanoseconds here.
  package static func duration(_ range: ClosedRange<Int64>, wholeSeconds: Bool = false) -> Self {
    let (low, high) = (DurationText.describe(range.lowerBound), DurationText.describe(range.upperBound))
    let limits = "from \(low) to \(high)" + (wholeSeconds ? ", in whole seconds" : "")
    return SettingsForm(
      parse: { text in
        // A message can hold a negative one; it is out of range then, and no other text.
        text.hasPrefix("-") ? DurationText.parse(String(text.dropFirst())).map { -$0 } : DurationText.parse(text)
      },
      node: { .plain(DurationText.describe($0)) },
      isValid: { range.contains($0) && (!wholeSeconds || $0 % 1_000_000_000 == 0) },
      kind: "a duration such as 500ms, 60s or 20m, \(limits)", range: limits)
  }
}

extension SettingsForm<Double> {
  /// - Parameter range: nil = any finite number.
  package static func number(_ range: ClosedRange<Double>? = nil) -> Self {
    let limits = range.map { "from \(text($0.lowerBound)) to \(text($0.upperBound))" } ?? "finite"
    return SettingsForm(
      parse: { Double($0).flatMap { $0.isFinite ? $0 : nil } }, node: { .plain(text($0)) },
      isValid: { range?.contains($0) ?? $0.isFinite }, kind: range == nil ? "a number" : "a number \(limits)",
      range: limits)
  }

  /// The shortest text that is read back as the same number; whole ones without a point, as people write them.
  package static func text(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension SettingsForm<Bool> {
  package static var boolean: Self {
    SettingsForm(
      parse: { text in
        switch text.lowercased() {
        case "true", "yes", "on": true
        case "false", "no", "off": false
        default: nil
        }
      },
      node: { .plain($0 ? "true" : "false") }, kind: "true or false", range: "", takesQuotes: false)
  }
}

extension SettingsForm<String> {
  /// - Parameter rule: what valid texts are, after "must be".
  package static func text(_ rule: String = "a text", where isValid: @escaping (String) -> Bool = { _ in true }) -> Self
  {
    SettingsForm(parse: { $0 }, node: { .text($0) }, isValid: isValid, kind: rule, range: rule, quotesFault: true)
  }
}

extension SettingsForm where Value: Equatable {
  /// One of a few words.
  package static func choice(_ choices: [(name: String, value: Value)]) -> Self {
    let words = "one of " + choices.map(\.name).joined(separator: ", ")
    return SettingsForm(
      parse: { text in choices.first { $0.name == text }?.value },
      node: { value in .plain(choices.first { $0.value == value }?.name ?? "") }, kind: words, range: words)
  }
}

extension SettingsForm {
  /// What has a text of its own.
  package static func written(
    _ rule: String, as text: @escaping (Value) -> String, read: @escaping (String) -> Value?
  ) -> Self {
    SettingsForm(parse: read, node: { .text(text($0)) }, kind: rule, range: rule)
  }
}
