/// Which symbols a profile is for: `*` for all, `AB*` for a prefix, otherwise exactly one.
package struct SymbolPattern: Equatable, Sendable {
  private let text: String
  private let isPrefix: Bool

  package init(_ pattern: String) {
    isPrefix = pattern.hasSuffix("*")
    text = isPrefix ? String(pattern.dropLast()) : pattern
  }

  package func matches(_ symbol: String) -> Bool { isPrefix ? symbol.hasPrefix(text) : symbol == text }
}
