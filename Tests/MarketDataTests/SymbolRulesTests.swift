import MarketData
import Testing

@Suite struct SymbolRulesTests {
  @Test(arguments: [
    "A", "AB*", "*", "BRK B*", "BRK *", String(repeating: "x", count: 64), String(repeating: "x", count: 64) + "*",
  ])
  func goodPatterns(pattern: String) { #expect(SymbolRules.problem(pattern: pattern) == nil) }

  @Test(arguments: [
    ("", "is empty"), (" A", "space"), ("A ", "space"), (" A*", "space"), ("A*B", "only at the end"),
    ("**", "only at the end"),
    ("A\u{7F}", "byte 127 at 1"), ("Ä", "printable ASCII"), (String(repeating: "x", count: 65), "has 65 bytes"),
    (String(repeating: "x", count: 65) + "*", "has 65 bytes"),
  ])
  func badPatterns(pattern: String, words: String) {
    #expect(SymbolRules.problem(pattern: pattern)?.contains(words) == true)
  }

  @Test func aMatcherIsAsGoodAsEachOfItsPatterns() {
    let patterns = ["A", "AB*", "C*", "CD", "EFG*"]
    let matcher = SymbolMatcher(patterns)
    #expect(!matcher.matchesAll && SymbolMatcher(["A", "*"]).matchesAll)
    for symbol in ["A", "AB", "AA", "ABC", "C", "CD", "CX", "E", "EF", "EFG", "EFGH", "", "B"] {
      let expected = patterns.contains {
        $0.hasSuffix("*") ? symbol.hasPrefix($0.dropLast()) : symbol == $0
      }
      #expect(matcher.matches(symbol) == expected, "\(symbol)")
    }
    #expect(!SymbolMatcher([]).matches("A") && SymbolMatcher(["*"]).matches("A"))
  }
}
