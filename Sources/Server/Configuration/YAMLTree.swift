internal import Settings
internal import Yams

/// A YAML text as a tree of settings, with the line of each node. Aliases are followed.
struct YAMLTree {
  /// Aliases of aliases can stand for more nodes than memory holds.
  private static let nodesMax = 1_000_000

  /// Nil where the text says nothing.
  private(set) var root: SettingsNode?
  /// What a tree of settings cannot hold.
  private(set) var problems: [SettingsProblem] = []
  private let keepsLines: Bool
  private var count = 0

  /// - Parameter keepsLines: false where the text is no file, so that its lines mean nothing.
  /// - Throws: that it is no YAML.
  static func read(_ text: String, keepsLines: Bool = true) throws(InvalidConfiguration) -> YAMLTree {
    do {
      var tree = YAMLTree(keepsLines: keepsLines)
      tree.root = try Yams.compose(yaml: text).map { tree.node($0, "") }
      if tree.count > nodesMax {
        tree.problems = [SettingsProblem(key: "", message: "has more than \(nodesMax) values, aliases counted in full")]
      }
      return tree
    } catch {
      let message = "is no valid YAML: \(error)".replacing("\n", with: " ")
      throw InvalidConfiguration(
        problems: [SettingsProblem(key: "", line: (error as? YamlError)?.line, message: message)])
    }
  }

  private init(keepsLines: Bool) { self.keepsLines = keepsLines }

  private mutating func node(_ node: Node, _ path: String) -> SettingsNode {
    count += 1
    guard count <= Self.nodesMax else { return .plain("") }
    let line = keepsLines ? node.mark?.line : nil
    switch node {
    case .scalar(let scalar):
      return SettingsNode(scalar.style == .plain ? .plain(scalar.string) : .text(scalar.string), line: line)
    case .sequence(let items):
      return SettingsNode(.list(items.enumerated().map { self.node($1, "\(path)[\($0)]") }), line: line)
    case .mapping(let mapping):
      var entries: [SettingsNode.Entry] = []
      for (key, value) in mapping {
        guard case .scalar(let name) = key else {
          problems.append(SettingsProblem(key: path, line: key.mark?.line, message: "a key must be plain text"))
          continue
        }
        let inner = path.isEmpty ? name.string : "\(path).\(name.string)"
        entries.append(SettingsNode.Entry(key: name.string, node: self.node(value, inner)))
      }
      return SettingsNode(.section(entries), line: line)
    case .alias:
      return SettingsNode(.plain(""), line: line)
    }
  }
}

extension YamlError {
  /// The line that the parser stumbled over, from 1.
  fileprivate var line: Int? {
    switch self {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
    default: nil
    }
  }
}
