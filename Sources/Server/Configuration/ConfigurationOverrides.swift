internal import Settings

/// Values that stand above those of the file: `--set KEY=VALUE`, and below it the environment, `PENSTOCK_` and the key in capitals with `_` for
/// all that is no letter or digit (`server.limits.max_items` is `PENSTOCK_SERVER_LIMITS_MAX_ITEMS`). Values are written as in the file.
package struct ConfigurationOverrides: Sendable {
  /// The environment may hold other variables of the name; what begins like this is meant for the configuration.
  private static let prefixes = ["SERVER", "ROUTING", "EVENT_LOG", "CHANNELS", "PROFILES"].map { "PENSTOCK_\($0)_" }

  private var settings: [(key: String, value: String)] = []
  private var environment: [String: String]
  private(set) var malformed: [String] = []

  /// - Parameters:
  ///   - settings: texts of the form `KEY=VALUE`; of two with one key the last counts.
  ///   - environment: all variables of the process.
  package init(settings: [String] = [], environment: [String: String] = [:]) {
    self.environment = environment.filter { variable in
      Self.prefixes.contains { variable.key.hasPrefix($0) } || variable.key == "PENSTOCK_CHANNELS"
        || variable.key == "PENSTOCK_PROFILES"
    }
    for text in settings {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        malformed.append(text)
        continue
      }
      self.settings.append((String(text[..<equals]), String(text[text.index(after: equals)...])))
    }
  }

  /// Everything that was given: keys of `--set`, names of variables.
  var sources: [String] { settings.map { "--set \($0.key)" } + environment.keys.sorted() }

  /// The value that stands above the file's, and where it comes from.
  func value(of key: String) -> (text: String, source: String)? {
    if let found = settings.last(where: { $0.key == key }) { return (found.value, "--set \(key)") }
    let name = Self.variable(of: key)
    return environment[name].map { ($0, name) }
  }

  static func variable(of key: String) -> String {
    var name = "PENSTOCK_"
    for scalar in key.uppercased().unicodeScalars where scalar != "]" {
      name.unicodeScalars.append(scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) ? scalar : "_")
    }
    return name
  }
}

/// Looks overrides up while a configuration is read, and knows afterwards which of them no key asked for.
final class OverrideLookUp {
  private let overrides: ConfigurationOverrides
  private var used: Set<String> = []

  init(_ overrides: ConfigurationOverrides) { self.overrides = overrides }

  func value(of key: String) -> ProblemCollector.Override? {
    guard let (text, source) = overrides.value(of: key) else { return nil }
    // A variable that --set stands above is known all the same.
    used.formUnion([source, ConfigurationOverrides.variable(of: key)])
    let tree = try? YAMLTree.read(text, keepsLines: false)
    let isReadable = tree?.problems.isEmpty == true
    return (isReadable ? tree?.root ?? .plain("") : nil, text, source)
  }

  func reportUnused(to collector: ProblemCollector) {
    for text in overrides.malformed {
      collector.add("", nil, "--set \(text): must be KEY=VALUE, such as server.listen=0.0.0.0:7171")
    }
    for source in overrides.sources where !used.contains(source) {
      collector.add("", nil, "\(source): is no known key; entries of lists must stand in the file")
    }
  }
}
