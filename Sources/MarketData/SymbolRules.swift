/// What is a symbol: printable ASCII, 1 to 64 bytes, no space at either end.
///
/// - Source: contract.md, "market_data.proto".
public enum SymbolRules {
  public static let bytesMax = 64

  /// What is wrong with a symbol, or nil.
  public static func problem(_ symbol: Span<UInt8>) -> String? {
    let count = symbol.count
    if count == 0 { return "is empty; must be 1 to \(bytesMax) bytes" }
    if count > bytesMax { return "has \(count) bytes; must be 1 to \(bytesMax)" }
    for offset in 0..<count where symbol[offset] < 0x20 || symbol[offset] > 0x7E {
      return "has byte \(symbol[offset]) at \(offset); must be printable ASCII"
    }
    let space = UInt8(ascii: " ")
    if symbol[0] == space || symbol[count - 1] == space { return "has a space at an end" }
    return nil
  }

  /// What is wrong with a symbol or a prefix that ends in `*`, or nil. `*` alone is the prefix of all.
  public static func problem(pattern: String) -> String? {
    if isPlain(pattern) { return nil }
    let isPrefix = pattern.hasSuffix("*")
    let text = isPrefix ? String(pattern.dropLast()) : pattern
    if text.contains("*") { return "is '\(pattern.prefix(80))'; '*' may stand only at the end" }
    if isPrefix, text.isEmpty { return nil }
    // A prefix may end where a symbol goes on: in a space too.
    let whole = isPrefix && text.utf8.count < bytesMax ? text + "x" : text
    return problem(Array(whole.utf8).span)
  }

  /// A pattern without anything to be judged more closely, as nearly all are: a filter may hold 100,000 of them.
  private static func isPlain(_ pattern: String) -> Bool {
    var count = 0
    var lastByte: UInt8 = 0
    for byte in pattern.utf8 {
      // Beyond the space, so that none stands at an end, and without a `*` before the last byte.
      guard byte > 0x20, byte <= 0x7E, lastByte != UInt8(ascii: "*") else { return false }
      lastByte = byte
      count += 1
    }
    return count > 0 && count <= bytesMax && (count > 1 || lastByte != UInt8(ascii: "*"))
  }
}

/// Many symbols and prefixes, of which any may match.
///
/// - Cost: a look-up for each length of prefix there is, 64 at most, however many patterns.
public struct SymbolMatcher: Sendable {
  private var exact: Set<String> = []
  private var prefixes: Set<Substring> = []
  private var lengths: Set<Int> = []
  /// Whether nothing is left out.
  public private(set) var matchesAll = false

  /// - Parameter patterns: exact symbols, and prefixes that end in `*`.
  public init(_ patterns: some Sequence<String>) {
    for pattern in patterns {
      guard pattern.hasSuffix("*") else {
        exact.insert(pattern)
        continue
      }
      let prefix = pattern.dropLast()
      if prefix.isEmpty { matchesAll = true }
      prefixes.insert(prefix)
      lengths.insert(prefix.count)
    }
  }

  public func matches(_ symbol: String) -> Bool {
    if matchesAll || exact.contains(symbol) { return true }
    return lengths.contains { prefixes.contains(symbol.prefix($0)) }
  }
}
