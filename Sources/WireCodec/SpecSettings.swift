internal import Settings

/// A `ChannelSpec` as bytes, from `key=value` texts with the configuration file's keys and forms: `batching.max_batch=64`, `breaker.open=2s`.
package struct SpecSettings: Equatable, Sendable {
  /// Every text that cannot be written.
  package struct Problem: Error, Equatable, CustomStringConvertible {
    package var problems: [String]

    package var description: String { problems.joined(separator: "; ") }
  }

  package private(set) var bytes: [UInt8] = []
  /// The keys that were given, each once.
  package private(set) var mask: [String] = []

  /// - Parameter settings: of two with one key the last counts.
  package init(channel name: String, settings: [String]) throws(Problem) {
    var node = SettingsNode.section([SettingsNode.Entry(key: "name", node: .text(name))])
    var problems: [String] = []
    for text in settings {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        problems.append("'\(text)' must be KEY=VALUE, such as batching.max_batch=64")
        continue
      }
      let key = String(text[..<equals])
      let path = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      // Each by itself, so that one which cannot be written does not hide in another.
      var one = SettingsNode.section([])
      let value = SettingsNode.text(String(text[text.index(after: equals)...]))
      one.set(path[...], value)
      problems += key == "name" ? ["name is no key of a channel's settings"] : SpecEncoder.channel(one).problems
      node.set(path[...], value)
      if !mask.contains(key) { mask.append(key) }
    }
    guard problems.isEmpty else { throw Problem(problems: problems) }
    bytes = SpecEncoder.channel(node).bytes
  }
}
