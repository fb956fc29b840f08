internal import ArgumentParser
internal import Channels
internal import Settings
internal import WireCodec

/// `--set` and `--dry-run` of `create` and `update`.
struct ChannelSettingsOptions: ParsableArguments {
  @Option(name: .customLong("set"), help: "KEY=VALUE, as the configuration file has it for a channel. May be repeated.")
  var settings: [String] = []

  @Flag(name: .long, help: "Have the server check it, and change nothing.")
  var dryRun = false

  func spec(of name: String, defaults: [String] = []) throws -> SpecSettings {
    do throws(SpecSettings.Problem) {
      return try SpecSettings(channel: name, settings: defaults + settings)
    } catch {
      throw CommandFailure(.usage, error.problems.map { "--set \($0)" }.joined(separator: "\n  "))
    }
  }

  /// What a dry run would have made.
  func promise(_ channel: ReceivedChannel) -> String {
    (["\(channel.metrics.channel) would be:"] + channel.spec.block().map { "  \($0)" }).joined(separator: "\n")
  }
}

extension ChannelsCommand {
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Adds a channel; symbols seen for the first time may be placed on it at once.",
      discussion: """
        Keys and forms are those of `penstock config default`, below `channels`; what is not set has its default.

        Examples:
          penstock channels create ticks-3
          penstock channels create fast --set ring_capacity=4096 --set wait=spin --set batching.strategy=immediate
          penstock channels create bars-2 --set type=bar --dry-run
        """)

    @Argument(help: "The new channel's name.") var name: String
    @OptionGroup var change: ChannelSettingsOptions
    @OptionGroup var options: ChannelsOptions

    func run() async throws {
      // The server wants a type; whoever names none means ticks, as in a file.
      let request = ClientRequests.createChannel(
        try change.spec(of: name, defaults: ["type=tick"]), validateOnly: change.dryRun)
      try await options.tellChannel("CreateChannel", request) {
        change.dryRun ? change.promise($0) : ChannelDetails.sentence($0.metrics)
      }
    }
  }

  struct Update: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Changes a channel's settings between two batches; what is not set stays.",
      discussion: """
        Type and ring_capacity cannot change. With --expect-version nothing happens when somebody else was first.

        Examples:
          penstock channels update ticks-1 --set batching.max_batch=64
          penstock channels update ticks-1 --set breaker.open=2s --set overflow=conflate --expect-version 3
          penstock channels update ticks-1 --set 'profiles=[crypto, default]' --dry-run
        """)

    @Argument(help: "The channel's name.") var name: String
    @OptionGroup var change: ChannelSettingsOptions

    @Option(
      name: .long, parsing: .unconditional,
      help: "The configuration version that has to be the present one; `show` tells it.")
    var expectVersion: UInt32?

    @OptionGroup var options: ChannelsOptions

    func validate() throws {
      if change.settings.isEmpty { throw ValidationError("Name at least one key to change with --set KEY=VALUE.") }
      if expectVersion == 0 { throw ValidationError("--expect-version begins at 1.") }
    }

    func run() async throws {
      let request = ClientRequests.updateChannel(
        try change.spec(of: name), expectedVersion: expectVersion ?? 0, validateOnly: change.dryRun)
      try await options.tellChannel("UpdateChannel", request) {
        change.dryRun
          ? change.promise($0) : "\($0.metrics.channel) has configuration version \($0.configVersion)"
      }
    }
  }
}
