internal import Settings

/// The documented default, as `penstock config default` prints it: every key with its value and its note.
package var defaultConfigurationText: String {
  let header = [
    "# Penstock's configuration, with every key at its default. All of it may be left out.",
    "# Check a file with `penstock config check FILE`. Durations are written 500ms, 60s, 20m, 1h.",
  ]
  let sections = ServerConfiguration().node.entries ?? []
  let lines = sections.flatMap { [""] + SettingsNode.section([short($0)]).block(notes: true) }
  return (header + lines).joined(separator: "\n") + "\n"
}

/// Of several channels the first shows every key, the others what is different.
private func short(_ entry: SettingsNode.Entry) -> SettingsNode.Entry {
  guard entry.key == "channels", let channels = entry.node.items, let first = channels.first?.entries else {
    return entry
  }
  let others = channels.dropFirst().map { channel in
    SettingsNode.section((channel.entries ?? []).filter { !first.contains($0) })
  }
  return SettingsNode.Entry(key: entry.key, node: .list(channels.prefix(1) + others), note: entry.note)
}
