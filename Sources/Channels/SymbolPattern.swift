/// Which symbols a profile is for: `*` for all, `AB*` for a prefix, otherwise exactly one.
package struct SymbolPattern: Equatable, Sendable, CustomStringConvertible {
  private let text: String
  private let isPrefix: Bool

  package init(_ pattern: String) {
    isPrefix = pattern.hasSuffix("*")
    text = isPrefix ? String(pattern.dropLast()) : pattern
  }

  /// As it was given.
  package var description: String { isPrefix ? text + "*" : text }

  package func matches(_ symbol: String) -> Bool { isPrefix ? symbol.hasPrefix(text) : symbol == text }
}
