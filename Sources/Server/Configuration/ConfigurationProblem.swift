/// One thing wrong with a configuration: which key, where it stands, and what would be right.
package struct ConfigurationProblem: Equatable, Sendable, CustomStringConvertible {
  /// The key's full name, such as `channels[1].ring_capacity`; empty for the file as a whole.
  package var key: String
  /// The line in the file, from 1; nil where the value did not come from a file.
  package var line: Int?
  /// What is wrong, with the value found and the valid range.
  package var message: String

  package init(key: String, line: Int?, message: String) {
    self.key = key
    self.line = line
    self.message = message
  }

  package var description: String {
    let place = line.map { "line \($0): " } ?? ""
    return key.isEmpty ? place + message : "\(place)\(key): \(message)"
  }
}

/// Every problem of one configuration at once, so that nobody mends a file by trial and error.
package struct InvalidConfiguration: Error, CustomStringConvertible {
  package var problems: [ConfigurationProblem]

  package var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}
