package import Settings

/// Reads a configuration file and checks everything in it, relations included.
///
/// Codable would stop at the first problem and name no line; `ServerConfiguration.keys` goes through the file's tree and collects them all.
package enum ConfigurationReader {
  /// - Throws: every problem at once, each with its key, line and valid range.
  /// - Parameter overrides: stand above what the file says.
  package static func read(
    yaml: String, overrides: ConfigurationOverrides = ConfigurationOverrides()
  ) throws(InvalidConfiguration) -> ServerConfiguration {
    var configuration = ServerConfiguration()
    let lookUp = OverrideLookUp(overrides)
    let collector = ProblemCollector { lookUp.value(of: $0) }
    let file = try YAMLTree.read(yaml)
    for problem in file.problems { collector.add(problem.key, problem.line, problem.message) }
    configuration.read(file.root, collector: collector)
    lookUp.reportUnused(to: collector)
    guard collector.problems.isEmpty else { throw InvalidConfiguration(problems: collector.problems) }
    return configuration
  }
}
