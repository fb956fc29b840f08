import Testing

@testable import Settings

/// One of everything.
private struct Thing: KeyedSettings, Equatable {
  struct Part: KeyedSettings, Equatable {
    var size = 1.5

    mutating func keys(_ part: SettingsSection) {
      part.number("size", in: 1...2, into: &size, note: "How large.")
    }
  }

  enum Colour: String, CaseIterable {
    case red, green
  }

  var name = ""
  var count = 3
  var wait: Int64 = 1_000_000_000
  var longest: Int64 = 2_000_000_000
  var isOn = false
  var colour = Colour.red
  var part = Part()
  var parts: [Part] = []
  var times: [Int64] = []
  var maybe: Int?

  mutating func keys(_ thing: SettingsSection) {
    thing.value("name", .text("short") { (1...3).contains($0.count) }, into: &name, isRequired: true)
    thing.integer("count", in: 1...5, into: &count)
    let isValid = thing.duration("wait", in: 0...3_600_000_000_000, into: &wait)
    thing.duration("longest", in: 0...3_600_000_000_000, wholeSeconds: true, into: &longest)
    thing.require(longest >= wait || !isValid, "longest", "must not be below wait")
    thing.boolean("on", into: &isOn)
    thing.choice("colour", into: &colour)
    thing.section("part", into: &part)
    thing.sections("parts", new: Part(), into: &parts)
    thing.risingDurations("times", in: 1...1_000, count: 0...2, into: &times)
    thing.value("maybe", .integer(0...9), into: &maybe)
  }
}

@Suite struct SettingsSectionTests {
  private typealias Node = SettingsNode
  private typealias Entry = SettingsNode.Entry

  private func section(_ entries: KeyValuePairs<String, Node>) -> Node {
    .section(entries.map { Entry(key: $0.key, node: $0.value) })
  }

  private func problems(_ node: Node, _ start: Thing = Thing()) -> [String] {
    do throws(InvalidConfiguration) {
      _ = try start.reading(node, path: "a")
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test func whatIsWrittenIsReadBack() throws {
    var thing = Thing(
      name: "no", count: 5, wait: 0, longest: 3_600_000_000_000, isOn: true, colour: .green, part: .init(size: 2),
      parts: [.init(), .init(size: 1.25)], times: [1, 1_000], maybe: 0)
    #expect(try Thing().reading(thing.node) == thing)
    thing.maybe = nil
    thing.parts = []
    thing.times = []
    #expect(try Thing().reading(thing.node) == thing)
    #expect(thing.node["maybe"] == nil && thing.node["times"] == .list([]))
    #expect(thing.node["part"]?.entries?[0].note == "How large.")
    // The tree says nothing: all of it stays.
    #expect(try thing.reading(.section([])) == thing)
    #expect(try thing.reading(nil) == thing)
    #expect(try thing.reading(section(["count": .plain("~"), "part": .plain("")])) == thing)
  }

  @Test func everyProblemIsToldAtOnceAndTheRestIsJudgedWithoutIt() {
    let tree = section([
      "name": .text("long"), "count": .plain("9"), "wait": .plain("-5ns"), "longest": .plain("1500ms"),
      "on": .text("true"), "colour": .plain("blue"), "part": section(["size": .plain("nan"), "sise": .plain("1")]),
      "parts": .list([section(["size": .plain("3")]), .plain("x")]),
      "times": .list([.plain("2ns"), .plain("x"), .list([])]), "maybe": .section([]), "cuont": .plain("1"),
    ])
    #expect(
      problems(tree) == [
        "a.name: is 'long'; must be short", "a.count: is 9; must be from 1 to 5",
        "a.wait: is -5ns; must be from 0s to 1h",
        "a.longest: is 1500ms; must be from 0s to 1h, in whole seconds",
        "a.on: is 'true'; must be true or false", "a.colour: is 'blue'; must be one of red, green",
        "a.part.size: is 'nan'; must be a number from 1 to 2", "a.part.sise: is no known key; did you mean 'size'?",
        "a.parts[0].size: is 3; must be from 1 to 2", "a.parts[1]: must be a mapping of keys to values",
        "a.times[1]: is 'x'; must be a duration such as 500ms, 60s or 20m, from 1ns to 1us",
        "a.times[2]: is a list or mapping; must be a duration such as 500ms, 60s or 20m, from 1ns to 1us",
        "a.maybe: is a list or mapping; must be a whole number from 0 to 9",
        "a.cuont: is no known key; did you mean 'count'?",
      ])
  }

  @Test func relationsAndWhatIsMissingAreTold() {
    #expect(
      problems(section(["wait": .plain("1h"), "times": .list([.plain("9ns"), .plain("9ns"), .plain("10ns")])])) == [
        "a.name: is missing; must be short", "a.longest: must not be below wait",
        "a.times: has 3 entries; must have at most 2", "a.times: must rise from entry to entry",
      ])
    #expect(problems(.plain("x"), Thing(name: "a")) == ["a: must be a mapping of keys to values"])
    #expect(
      problems(section(["parts": .plain("x"), "times": .plain("1s"), "zzzzzz": .plain("")]), Thing(name: "a")) == [
        "a.parts: must be a list", "a.times: must be a list",
        "a.zzzzzz: is no known key; known here: colour, count, longest, maybe, name, on, part, parts, times, wait",
      ])
  }

  /// The numbers of a duration reach as far as 64 bits do; whatever a message holds is told in the key's own range.
  @Test(arguments: ["-1ns", "-9223372036854775808ns", "9223372036854775807ns", "--1s", "1w"])
  func noDurationIsToldAnotherRange(text: String) {
    let found = problems(section(["wait": .plain(text)]), Thing(name: "a"))
    #expect(found.count == 1 && found[0].hasSuffix("from 0s to 1h") && found[0].contains(text), "\(found)")
  }

  @Test func valuesThemselvesAreChecked() {
    #expect(Thing(name: "a").problems() == [])
    let bad = Thing(
      name: "", count: 0, wait: -1, part: .init(size: .nan), parts: [.init(), .init(size: 0)], times: [2, 1, 0])
    #expect(
      bad.problems().map(\.description) == [
        "name: is ''; must be short", "count: is 0; must be from 1 to 5", "wait: is -1ns; must be from 0s to 1h",
        "part.size: is nan; must be from 1 to 2", "parts[1].size: is 0; must be from 1 to 2",
        "times[2]: is 0s; must be from 1ns to 1us", "times: has 3 entries; must have at most 2",
        "times: must rise from entry to entry",
      ])
  }

  @Test func problemsHaveTheLinesOfTheirValues() {
    func plain(_ text: String, _ line: Int) -> Node { Node(.plain(text), line: line) }
    let size = Node(.section([Entry(key: "size", node: plain("9", 4))]), line: 3)
    let tree = Node(
      .section([
        Entry(key: "count", node: plain("x", 2)), Entry(key: "parts", node: Node(.list([size]), line: 3)),
        Entry(key: "times", node: Node(.list([plain("1ns", 5), plain("x", 6)]), line: 5)),
      ]), line: 1)
    #expect(
      problems(tree).map { $0.prefix { $0 != ":" } } == ["line 1", "line 2", "line 4", "line 6"])
  }

  @Test func whatStandsAboveTheTreeWinsAndIsNamed() {
    let collector = ProblemCollector { key in
      switch key {
      case "count": (.plain("4"), "4", "--set count")
      case "part.size": (.plain("5"), "5", "--set part.size")
      case "maybe": (nil, "[", "MAYBE")
      case "times": (.list([.plain("x")]), "[x]", "TIMES")
      default: nil
      }
    }
    var thing = Thing(name: "a")
    thing.read(section(["count": .plain("1"), "maybe": .plain("7")]), collector: collector)
    #expect(thing.count == 4 && thing.maybe == 7)
    #expect(
      collector.problems.map(\.description) == [
        "part.size: is 5; must be from 1 to 2 (from --set part.size)",
        "times[0]: is 'x'; must be a duration such as 500ms, 60s or 20m, from 1ns to 1us (from TIMES)",
        "maybe: is no valid YAML: '[' (from MAYBE)",
      ])
  }
}
