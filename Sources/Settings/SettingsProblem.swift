/// One thing wrong with settings: which key, where it stands, and what would be right.
package struct SettingsProblem: Equatable, Sendable, CustomStringConvertible {
  /// The key's full name, such as `channels[1].ring_capacity`; empty for the whole.
  package var key: String
  /// The line in the file, from 1; nil where the value did not come from a file.
  package var line: Int?
  /// What is wrong, with the value found and the valid range.
  package var message: String

  package init(key: String, line: Int? = nil, message: String) {
    self.key = key
    self.line = line
    self.message = message
  }

  package var description: String {
    let place = line.map { "line \($0): " } ?? ""
    return key.isEmpty ? place + message : "\(place)\(key): \(message)"
  }
}

/// Every problem at once, so that nobody mends settings by trial and error.
package struct InvalidConfiguration: Error, CustomStringConvertible {
  package var problems: [SettingsProblem]

  package init(problems: [SettingsProblem]) { self.problems = problems }

  package var description: String { problems.map(\.description).joined(separator: "\n") }

  /// In one line, as a status tells them: a request can hold more bad values than a status has room for.
  package var line: String {
    let rest = problems.count > 64 ? ["and \(problems.count - 64) more"] : []
    return (problems.prefix(64).map(\.description) + rest).joined(separator: "; ")
  }
}

/// Collects the problems of one reading, and knows which values stand above those of the tree.
package final class ProblemCollector {
  /// A value that stands above the tree's. `node` is nil where the text cannot be read.
  package typealias Override = (node: SettingsNode?, text: String, source: String)

  package private(set) var problems: [SettingsProblem] = []
  private let lookUp: (String) -> Override?

  /// - Parameter override: asked once for each key that is read, by its full name.
  package init(override: @escaping (String) -> Override? = { _ in nil }) { lookUp = override }

  package func add(_ key: String, _ line: Int?, _ message: String) {
    problems.append(SettingsProblem(key: key, line: line, message: message))
  }

  func override(_ key: String) -> (node: SettingsNode, source: String)? {
    guard let found = lookUp(key) else { return nil }
    if let node = found.node { return (node, found.source) }
    add(key, nil, "is no valid YAML: '\(found.text)' (from \(found.source))")
    return nil
  }
}
