internal import Channels
internal import Yams

/// Reads specifications that came by RPC, by the reader of the configuration file: one place knows every key, range and message.
enum SpecReader {
  /// - Parameters:
  ///   - yaml: what is to change.
  ///   - start: what holds besides.
  ///   - profiles: the names there are.
  ///   - path: where the specification stands in the request.
  /// - Throws: every problem at once; keys begin with `path`.
  static func channel(
    _ yaml: String, from start: ChannelConfiguration, profiles: [String], path: String = "spec"
  ) throws(InvalidConfiguration) -> ChannelConfiguration {
    let channel = try read(yaml, path) { ConfigurationReader.readChannel($0, from: start) }
    let unknown = channel.profiles.filter { !profiles.contains($0) }
    guard unknown.isEmpty else {
      let known = profiles.joined(separator: ", ")
      throw InvalidConfiguration(
        problems: unknown.map {
          ConfigurationProblem(
            key: "\(path).profiles", line: nil, message: "names '\($0)', which is no profile; known: \(known)")
        })
    }
    return channel
  }

  /// - Parameters:
  ///   - old: what holds besides; nil for a new profile, which is read as in a file.
  ///   - name: of a new profile.
  static func profile(
    _ yaml: String, from old: ProfileConfiguration?, name: String = "", path: String = "spec"
  ) throws(InvalidConfiguration) -> ProfileConfiguration {
    try read(yaml, path) { ProfileReader.read($0, from: old, name: name) }
  }

  private static func read<T>(
    _ yaml: String, _ path: String, _ body: (ConfigurationSection) -> T
  ) throws(InvalidConfiguration) -> T {
    let collector = ProblemCollector(ConfigurationOverrides())
    guard let root = try? Yams.compose(yaml: yaml) else {
      throw InvalidConfiguration(
        problems: [ConfigurationProblem(key: path, line: nil, message: "holds a text that cannot be read")])
    }
    let section = ConfigurationSection(root, path: path, collector: collector)
    let result = body(section)
    section.finish()
    guard collector.problems.isEmpty else {
      // There is no file whose lines these could be.
      throw InvalidConfiguration(
        problems: collector.problems.map { ConfigurationProblem(key: $0.key, line: nil, message: $0.message) })
    }
    return result
  }
}
