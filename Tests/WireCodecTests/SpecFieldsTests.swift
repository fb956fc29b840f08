import Channels
import Detection
import LockFree
import Settings
import Testing

@testable import WireCodec

/// The tables of keys and the messages of admin.proto say the same.
@Suite struct SpecFieldsTests {
  typealias Encode = (SettingsNode) -> (bytes: [UInt8], problems: [String])

  /// Fields of a message that several parts share, in those of them that have no such key.
  private static let shared: Set<String> = [
    "detectors.tick.volume_spike.history", "detectors.tick.gap.daily_gap_pct", "detectors.bar.volume_spike.warm_up",
    "detectors.bar.volume_spike.cooldown", "detectors.bar.volume_spike.active_seconds",
    "detectors.bar.volume_spike.extended_hours_factor",
  ]

  /// The keys that the message at a path has, as it tells them to somebody who misspelt one.
  private func known(_ path: [String], _ encode: Encode) -> Set<String> {
    var bogus = SettingsNode.section([])
    bogus.set((path + ["bogus"])[...], .plain("1"))
    let words = encode(bogus).problems.first ?? ""
    guard let list = words.firstRange(of: "known here: ") else { return [] }
    return Set(words[list.upperBound...].split(separator: ", ").map(String.init))
  }

  private func check(_ node: SettingsNode, _ path: [String], _ encode: Encode) {
    let entries = node.entries ?? []
    let keys = Set(entries.map(\.key)).subtracting(path.isEmpty ? ["name"] : [])
    let fields = known(path, encode).filter { !Self.shared.contains((path + [$0]).joined(separator: ".")) }
    #expect(keys == fields, "\(path)")
    // Times of day are one message, written as a whole.
    for entry in entries where entry.node.entries != nil && entry.key != "sessions" {
      check(entry.node, path + [entry.key], encode)
    }
  }

  @Test func everyKeyIsAFieldAndEveryFieldAKey() {
    let (channel, profile) = (ChannelSettings(name: "a").node, Profile.new("a").node)
    #expect(SpecEncoder.channel(channel).problems == [] && SpecEncoder.profile(profile).problems == [])
    check(channel, []) { SpecEncoder.channel($0) }
    check(profile, []) { SpecEncoder.profile($0) }
  }

  /// What an answer tells is what was set, read back by a client.
  @Test func answersHoldEveryKey() throws {
    var settings = ChannelSettings(name: "no", type: .bar, ringCapacity: 64, maxWaitNanos: 7_000, idle: .spin)
    settings.profiles = ["b", "a"]
    let channel = AdminResponses.channel(AdminResponses.ChannelStatus(metrics: .init(), settings: settings))
    let decoder = ResponseDecoder(arenaBytes: 1 << 20)
    #expect(decoder.channel(channel.span.bytes)?.spec.flow == inWireOrder(settings.node).flow)
    #expect(try ChannelSettings(name: "").reading(decoder.channel(channel.span.bytes)?.spec) == settings)
    var profile = Profile.new("p")
    profile.tick.barsNanos = [1_000_000_000]
    profile.bar.aggregate.enabled = false
    profile.tick.printFilter.confirmTimeNanos = 1
    profile.tick.printFilter.openJumpPct = 2
    profile.tick.printFilter.learnedMaxPct = 3
    profile.tick.printFilter.learnedTimeNanos = 4_000_000_000
    profile.tick.surge.confirm = 5
    profile.tick.volumeSpike.cooldownNanos = 6
    profile.tick.volumeSpike.activeSeconds = 7
    profile.tick.volumeSpike.extendedHoursFactor = 8
    profile.tick.vwapCross.holdNanos = 9
    #expect(try Profile.new("").reading(decoder.profile(AdminResponses.profile(profile).span.bytes)) == profile)
  }

  /// A channel's keys stand in the file in another order than in the message.
  private func inWireOrder(_ node: SettingsNode) -> SettingsNode {
    let order = ["name", "type", "ring_capacity", "overflow", "batching", "wait", "breaker", "health", "profiles"]
    let entries = node.entries ?? []
    return .section(order.compactMap { key in entries.first { $0.key == key } })
  }
}
