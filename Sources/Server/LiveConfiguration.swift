internal import Channels
internal import LockFree

/// What channels and profiles are told now: what the configuration said, and what has been changed since.
final class LiveConfiguration: Sendable {
  private struct Content: Sendable {
    var channels: [ChannelSettings]
    var profiles: [Profile]
  }

  private let content: Guarded<Content>

  init(_ configuration: ServerConfiguration) {
    content = Guarded(Content(channels: configuration.channels, profiles: configuration.profiles))
  }

  var channels: [ChannelSettings] { content.withLock { $0.channels } }
  var profiles: [Profile] { content.withLock { $0.profiles } }
  var profileNames: [String] { content.withLock { $0.profiles.map(\.name) } }

  func channel(_ name: String) -> ChannelSettings? { content.withLock { $0.channels.first { $0.name == name } } }
  func profile(_ name: String) -> Profile? { content.withLock { $0.profiles.first { $0.name == name } } }

  /// Replaces the channel of the name, or adds it.
  func set(_ channel: ChannelSettings) {
    content.withLock { content in
      if let index = content.channels.firstIndex(where: { $0.name == channel.name }) {
        content.channels[index] = channel
      } else {
        content.channels.append(channel)
      }
    }
  }

  func removeChannel(_ name: String) { content.withLock { $0.channels.removeAll { $0.name == name } } }

  /// Replaces the profile of the name and steps its version, or adds it behind the others.
  func set(_ profile: Profile) {
    content.withLock { content in
      guard let index = content.profiles.firstIndex(where: { $0.name == profile.name }) else {
        content.profiles.append(profile)
        return
      }
      let version = content.profiles[index].configVersion + 1
      content.profiles[index] = profile
      content.profiles[index].configVersion = version
    }
  }
}
