/// Settings as a tree: the one form between the configuration file, the messages of `ChannelAdmin`, and the structs that hold settings.
///
/// Keys are those of the configuration file, in the order in which they were given.
package struct SettingsNode: Equatable, Sendable {
  package indirect enum Value: Equatable, Sendable {
    /// A number, a duration or a word of ours: never in quotes.
    case plain(String)
    /// Any text: in quotes where YAML would take it for something else.
    case text(String)
    case list([SettingsNode])
    case section([Entry])
  }

  package struct Entry: Equatable, Sendable {
    package var key: String
    package var node: SettingsNode
    /// What the key means, for people.
    package var note = ""

    package init(key: String, node: SettingsNode, note: String = "") {
      self.key = key
      self.node = node
      self.note = note
    }
  }

  package var value: Value
  /// Where it stands in its file, from 1; nil where it came from no file.
  package var line: Int?

  package init(_ value: Value, line: Int? = nil) {
    self.value = value
    self.line = line
  }

  package static func plain(_ text: String) -> SettingsNode { SettingsNode(.plain(text)) }
  package static func text(_ text: String) -> SettingsNode { SettingsNode(.text(text)) }
  package static func list(_ items: [SettingsNode]) -> SettingsNode { SettingsNode(.list(items)) }
  package static func section(_ entries: [Entry]) -> SettingsNode { SettingsNode(.section(entries)) }

  /// What a scalar says; nil of a list or section.
  package var scalar: String? {
    switch value {
    case .plain(let text), .text(let text): text
    case .list, .section: nil
    }
  }

  package var items: [SettingsNode]? {
    if case .list(let items) = value { items } else { nil }
  }

  package var entries: [Entry]? {
    if case .section(let entries) = value { entries } else { nil }
  }

  /// Whether it is written and says nothing, as the value of `key:` in a file.
  package var isNull: Bool {
    if case .plain(let text) = value { ["", "~", "null"].contains(text) } else { false }
  }

  /// The node at a path of keys.
  package subscript(_ path: String...) -> SettingsNode? {
    path.reduce(self as SettingsNode?) { node, key in node?.entries?.first { $0.key == key }?.node }
  }

  /// Puts a node at a path of keys. What stood there, or was no section on the way, is replaced.
  package mutating func set(_ path: ArraySlice<String>, _ node: SettingsNode) {
    guard let key = path.first else {
      self = node
      return
    }
    var entries = entries ?? []
    let index = entries.firstIndex { $0.key == key } ?? entries.endIndex
    if index == entries.endIndex { entries.append(Entry(key: key, node: .section([]))) }
    entries[index].node.set(path.dropFirst(), node)
    value = .section(entries)
  }
}
