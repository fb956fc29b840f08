package import Channels
internal import Detection
internal import LockFree
internal import MarketData

/// What channels and profiles are told now: what the configuration said, and what has been changed since.
final class LiveConfiguration: Sendable {
  private struct Content: Sendable {
    var channels: [ChannelConfiguration]
    var profiles: [ProfileConfiguration]
    /// By profile, in the same order.
    var versions: [UInt32]
  }

  private let content: Guarded<Content>

  init(_ configuration: ServerConfiguration) {
    content = Guarded(
      Content(
        channels: configuration.channels, profiles: configuration.profiles,
        versions: configuration.profiles.map { _ in 1 }))
  }

  var channels: [ChannelConfiguration] { content.withLock { $0.channels } }
  var configurations: [ProfileConfiguration] { content.withLock { $0.profiles } }
  var profileNames: [String] { content.withLock { $0.profiles.map(\.name) } }

  func channel(_ name: String) -> ChannelConfiguration? {
    content.withLock { $0.channels.first { $0.name == name } }
  }

  func profile(_ name: String) -> (configuration: ProfileConfiguration, version: UInt32)? {
    content.withLock { content in
      content.profiles.firstIndex { $0.name == name }.map { (content.profiles[$0], content.versions[$0]) }
    }
  }

  /// Replaces the channel of the name, or adds it.
  func set(_ channel: ChannelConfiguration) {
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
  func set(_ profile: ProfileConfiguration) {
    content.withLock { content in
      guard let index = content.profiles.firstIndex(where: { $0.name == profile.name }) else {
        content.profiles.append(profile)
        content.versions.append(1)
        return
      }
      content.profiles[index] = profile
      content.versions[index] += 1
    }
  }

  /// As the channels see them.
  var profiles: [Profile] {
    content.withLock { content in zip(content.profiles, content.versions).map { $0.profile(version: $1) } }
  }
}

extension ProfileConfiguration {
  package func profile(version: UInt32 = 1) -> Profile {
    var profile = Profile(
      name: name, patterns: symbols.map { SymbolPattern($0) }, calendar: calendar, maxAheadNanos: maxAheadNanos,
      tick: tick, bar: bar, fairValue: fairValue)
    profile.configVersion = version
    return profile
  }
}

extension ChannelConfiguration {
  package var settings: ChannelSettings {
    var settings = ChannelSettings(
      name: name, type: type, ringCapacity: ringCapacity, batching: batching.strategy, maxBatch: batching.maxBatch,
      maxWaitNanos: Int64(batching.maxWaitMicros) * 1_000, idle: IdleStrategy(rawValue: wait.rawValue) ?? .park)
    settings.overflow = overflow
    settings.breaker = breaker
    settings.health = health
    settings.profiles = Set(profiles)
    return settings
  }
}
