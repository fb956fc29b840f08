internal import Yams

/// Collects the problems of one reading, and knows what stands above the file.
final class ProblemCollector {
  private(set) var problems: [ConfigurationProblem] = []
  private let overrides: ConfigurationOverrides
  private var used: Set<String> = []

  init(_ overrides: ConfigurationOverrides) { self.overrides = overrides }

  /// The value of a key that `--set` or the environment gives, as a node, and where it comes from.
  func override(_ key: String) -> (node: Node, source: String)? {
    guard let (text, source) = overrides.value(of: key) else { return nil }
    // A variable that --set stands above is known all the same.
    used.formUnion([source, ConfigurationOverrides.variable(of: key)])
    do {
      return (try Yams.compose(yaml: text) ?? Node(""), source)
    } catch {
      add(key, nil, "is no valid YAML: '\(text)' (from \(source))")
      return nil
    }
  }

  /// Reports what was given and no look-up asked for.
  func finish() {
    for text in overrides.malformed {
      add("", nil, "--set \(text): must be KEY=VALUE, such as server.listen=0.0.0.0:7171")
    }
    for source in overrides.sources where !used.contains(source) {
      add("", nil, "\(source): is no known key; entries of lists must stand in the file")
    }
  }

  func add(_ key: String, _ line: Int?, _ message: String) {
    problems.append(ConfigurationProblem(key: key, line: line, message: message))
  }
}

/// One mapping of the configuration file: typed look-ups that note what is wrong and go on.
///
/// Each look-up leaves the target as it is when the key is absent or bad, so that defaults stand. `finish()` reports the keys that nobody
/// asked for, with the nearest known key, since a misspelt key that is silently ignored is the worst kind of configuration error.
final class ConfigurationSection {
  let path: String
  private let collector: ProblemCollector
  private let line: Int?
  private var values: [String: Node] = [:]
  private var order: [String] = []
  private var known: Set<String> = []
  /// Where values come from that are not the file's.
  private var sources: [String: String] = [:]

  init(_ node: Node?, path: String, collector: ProblemCollector) {
    self.path = path
    self.collector = collector
    self.line = node?.mark?.line
    guard let node, !node.isNull else { return }
    guard case .mapping(let mapping) = node else {
      collector.add(path, node.mark?.line, "must be a mapping of keys to values")
      return
    }
    for (key, value) in mapping {
      guard case .scalar(let name) = key else {
        collector.add(path, key.mark?.line, "a key must be plain text")
        continue
      }
      if values[name.string] != nil {
        collector.add(full(name.string), key.mark?.line, "stands here twice")
      }
      values[name.string] = value
      order.append(name.string)
    }
  }

  func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Notes a problem of a key of this section, at the line of its value where there is one.
  func problem(_ key: String, _ message: String) {
    if let source = sources[key] { return collector.add(full(key), nil, "\(message) (from \(source))") }
    collector.add(full(key), values[key]?.mark?.line ?? line, message)
  }

  /// The same for a key of a part below, such as `surge.z` or `trend.horizons[1]`.
  func problem(below path: String, _ message: String) {
    var line = line
    var node: Node?
    for name in path.split(separator: ".") {
      let parts = name.split(separator: "[")
      guard let key = parts.first.map(String.init) else { break }
      node = node.map { $0.mapping?[Node(key)] } ?? values[key]
      if let index = parts.dropFirst().first.flatMap({ Int($0.dropLast()) }), let items = node?.sequence,
        items.indices.contains(index)
      {
        node = items[index]
      }
      guard let found = node else { break }
      line = found.mark?.line ?? line
    }
    collector.add(full(path), line, message)
  }

  func has(_ key: String) -> Bool { values[key] != nil }

  func text(_ key: String, _ body: (String) -> Void) {
    guard let node = take(key) else { return }
    guard case .scalar(let scalar) = node else { return problem(key, "must be a text") }
    body(scalar.string)
  }

  func boolean(_ key: String, into target: inout Bool) {
    guard let node = take(key) else { return }
    guard let value = node.bool else { return problem(key, "is \(shown(node)); must be true or false") }
    target = value
  }

  func integer<I: FixedWidthInteger>(_ key: String, in range: ClosedRange<I>, into target: inout I) {
    guard let node = take(key) else { return }
    guard case .scalar(let scalar) = node, let value = I(scalar.string.filter { $0 != "_" }) else {
      return problem(key, "is \(shown(node)); must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    guard range.contains(value) else {
      return problem(key, "is \(value); must be from \(range.lowerBound) to \(range.upperBound)")
    }
    target = value
  }

  func number(_ key: String, into target: inout Double) {
    guard let node = take(key) else { return }
    guard case .scalar(let scalar) = node, let value = Double(scalar.string), value.isFinite else {
      return problem(key, "is \(shown(node)); must be a number")
    }
    target = value
  }

  func choice<T>(_ key: String, among choices: [(name: String, value: T)], into target: inout T) {
    text(key) { found in
      if let match = choices.first(where: { $0.name == found }) {
        target = match.value
      } else {
        problem(key, "is '\(found)'; must be one of " + choices.map(\.name).joined(separator: ", "))
      }
    }
  }

  func section(_ key: String, _ body: (ConfigurationSection) -> Void) {
    // Also where the file has none: its keys may be given otherwise.
    let node = take(key)
    let section = ConfigurationSection(node, path: full(key), collector: collector)
    body(section)
    section.finish()
  }

  /// The mappings of a list, each as its own section named `key[index]`; false when the key is absent.
  @discardableResult
  func sections(_ key: String, _ body: (ConfigurationSection) -> Void) -> Bool {
    guard let node = take(key) else { return false }
    guard case .sequence(let items) = node else {
      problem(key, "must be a list")
      return true
    }
    for (index, item) in items.enumerated() {
      let section = ConfigurationSection(item, path: "\(full(key))[\(index)]", collector: collector)
      body(section)
      section.finish()
    }
    return true
  }

  /// The texts of a list, each with its own place for problems; nil when the key is absent or no list. What is no text is reported and left out.
  func items(_ key: String) -> [ConfigurationItem]? {
    guard let node = take(key) else { return nil }
    guard case .sequence(let items) = node else {
      problem(key, "must be a list")
      return nil
    }
    let source = sources[key]
    return items.enumerated().compactMap { index, node in
      let place = "\(full(key))[\(index)]"
      let report = { [collector] (message: String) in
        if let source { return collector.add(place, nil, "\(message) (from \(source))") }
        collector.add(place, node.mark?.line, message)
      }
      guard case .scalar(let scalar) = node else {
        report("must be a text")
        return nil
      }
      return ConfigurationItem(text: scalar.string, problem: report)
    }
  }

  /// A list of texts; nil when the key is absent or no such list.
  func texts(_ key: String) -> [String]? {
    guard let node = take(key) else { return nil }
    guard case .sequence(let items) = node else {
      problem(key, "must be a list")
      return nil
    }
    var found: [String] = []
    for item in items {
      guard case .scalar(let scalar) = item else {
        problem(key, "must be a list of texts")
        return nil
      }
      found.append(scalar.string)
    }
    return found
  }

  /// Reports every key that no look-up asked for.
  func finish() {
    for key in order where !known.contains(key) {
      let nearest = known.min { distance($0, key) < distance($1, key) }
      let hint = nearest.flatMap { distance($0, key) <= 3 ? "; did you mean '\($0)'?" : nil }
      problem(key, "is no known key" + (hint ?? "; known here: " + known.sorted().joined(separator: ", ")))
    }
  }

  private func take(_ key: String) -> Node? {
    known.insert(key)
    if let (node, source) = collector.override(full(key)) {
      sources[key] = source
      return node
    }
    guard let node = values[key], !node.isNull else { return nil }
    return node
  }

  private func shown(_ node: Node) -> String {
    guard case .scalar(let scalar) = node else { return "a list or mapping" }
    return "'\(scalar.string)'"
  }

  /// Levenshtein's distance between two short keys.
  private func distance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let substitution = diagonal + (letter == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substitution, diagonal + 1, row[j] + 1)
      }
    }
    return row[b.count]
  }
}

/// A text of a list.
struct ConfigurationItem {
  let text: String
  /// Notes a problem of it, at its own line.
  let problem: (String) -> Void
}

extension Node {
  fileprivate var isNull: Bool {
    guard case .scalar(let scalar) = self else { return false }
    return scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
  }
}
