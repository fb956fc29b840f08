internal import Channels
internal import Dispatch
internal import LockFree
internal import MarketData

/// What a changed configuration file means for a running server: what changes live is changed, the rest is named.
struct ConfigurationReload {
  private let shared: SharedState

  init(_ shared: SharedState) { self.shared = shared }

  /// In the admins' turn; the file wins over what RPCs have changed.
  /// - Parameter done: takes a line for each thing done, and each that needs a restart.
  func apply(_ new: ServerConfiguration, _ done: @escaping @Sendable ([String]) -> Void) {
    shared.adminQueue.async {
      var lines: [String] = []
      applyProfiles(new.profiles, &lines)
      for channel in new.channels { apply(channel, &lines) }
      let wanted = Set(new.channels.map(\.name))
      for channel in shared.live.channels where !wanted.contains(channel.name) {
        lines.append("channel '\(channel.name)' is not in the file: delete it by RPC, or restart")
      }
      applyRouting(new.routing, &lines)
      nameRestarts(new, &lines)
      done(lines.isEmpty ? ["nothing has changed"] : lines)
    }
  }

  private func applyProfiles(_ new: [Profile], _ lines: inout [String]) {
    let old = shared.live.profiles
    // Symbols know their profile by its place.
    guard new.count >= old.count, zip(old, new).allSatisfy({ $0.name == $1.name }) else {
      lines.append(
        "profiles: needs a restart: profiles can be changed and added behind the others, not removed or reordered")
      return
    }
    let changed = new.filter { profile in shared.live.profile(profile.name)?.hasSettings(of: profile) != true }
    guard !changed.isEmpty else { return }
    for profile in changed {
      let isNew = shared.live.profile(profile.name) == nil
      shared.live.set(profile)
      lines.append("profile '\(profile.name)' \(isNew ? "added" : "changed")")
    }
    shared.router.use(shared.live.profiles) {}
  }

  private func apply(_ new: ChannelSettings, _ lines: inout [String]) {
    guard let old = shared.live.channel(new.name), let channel = shared.router.channel(named: new.name) else {
      guard shared.router.create(new) != nil else {
        return lines.append("channel '\(new.name)' cannot be created: all channel numbers are given out")
      }
      shared.live.set(new)
      return lines.append("channel '\(new.name)' created")
    }
    guard new != old else { return }
    guard new.type == old.type, new.ringCapacity == old.ringCapacity else {
      return lines.append("channel '\(new.name)' needs a restart: type and ring_capacity cannot change live")
    }
    shared.live.set(new)
    shared.router.use(new, for: channel) {}
    lines.append("channel '\(new.name)' changed")
  }

  private func applyRouting(_ new: ServerConfiguration.Routing, _ lines: inout [String]) {
    for type in ChannelType.allCases {
      guard let rule = new.rules[type], rule != shared.router.registry.rule(of: type) else { continue }
      shared.router.registry.setRule(rule, of: type)
      lines.append("routing.\(type.configurationName) changed")
    }
  }

  private func nameRestarts(_ new: ServerConfiguration, _ lines: inout [String]) {
    let old = shared.configuration
    let changed: [(String, Bool)] = [
      ("server.listen", new.listen != old.listen), ("server.event_loops", new.eventLoops != old.eventLoops),
      ("server.faults", new.allowsFaults != old.allowsFaults), ("server.drain", new.drainNanos != old.drainNanos),
      ("server.limits", new.limits != old.limits), ("server.keepalive", new.keepalive != old.keepalive),
      ("event_log", new.eventLog != old.eventLog),
    ]
    for (key, differs) in changed where differs { lines.append("\(key) needs a restart") }
  }
}
