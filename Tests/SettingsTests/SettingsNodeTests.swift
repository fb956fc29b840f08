import Testing

@testable import Settings

@Suite struct SettingsNodeTests {
  private typealias Node = SettingsNode

  @Test func textsThatYAMLTakesAmissAreQuoted() {
    let texts = ["null", "A B", "*", "no", "x.y-z_1", "1", "", "a\"b\\c\u{7}"]
    #expect(
      Node.list(texts.map(Node.text)).flow
        == "[\"null\", \"A B\", \"*\", \"no\", x.y-z_1, \"1\", \"\", \"a\\\"b\\\\c\u{FFFD}\"]")
    #expect(Node.plain("null").isNull && !Node.text("null").isNull)
  }

  @Test func aBlockHasALineAKeyAndShortValuesInOne() {
    var node = Node.section([])
    node.set(["a", "b"], .plain("1"))
    node.set(["a", "c"], .list([.plain("2"), .text("x y")]))
    node.set(["d"], .list([.section([.init(key: "e", node: .plain("3"), note: "hidden")])]))
    node.set(["f"], .list([.section([.init(key: "g", node: .section([.init(key: "h", node: .plain("4"))]))])]))
    #expect(
      node.block() == [
        "a:", "  b: 1", "  c: [2, \"x y\"]", "d:", "  - {e: 3}", "f:", "  - g:", "      h: 4",
      ])
    #expect(node["a", "b"] == .plain("1"))
    #expect(node["a", "x"] == nil && node["a", "b", "x"] == nil)
    // What is no section on the way is replaced.
    node.set(["a", "b", "z"], .plain("5"))
    #expect(node["a", "b", "z"]?.scalar == "5" && node["a", "c"] != nil)
  }

  @Test func notesStandAboveTheirKeysAndAreWrapped() {
    let note = Array(repeating: "word", count: 30).joined(separator: " ")
    let inner = Node.section([.init(key: "b", node: .plain("1"), note: note)])
    let lines = Node.section([.init(key: "a", node: inner, note: "A part.")]).block(notes: true)
    #expect(lines.count == 5 && lines[0] == "# A part." && lines[1] == "a:" && lines[4] == "  b: 1")
    #expect(lines[2...3].allSatisfy { $0.hasPrefix("  # word") && $0.count <= 116 })
  }
}
