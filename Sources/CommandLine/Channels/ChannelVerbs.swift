internal import ArgumentParser
internal import Channels
internal import WireCodec

/// A subcommand that does one thing to one channel and tells how it is then.
protocol ChannelVerb: AsyncParsableCommand {
  /// Of `ChannelAdmin`.
  static var method: String { get }
  var name: String { get }
  var options: ChannelsOptions { get }
}

extension ChannelVerb {
  func run() async throws {
    try await options.tellChannel(Self.method, ClientRequests.named(name)) {
      ChannelDetails.sentence($0.metrics)
    }
  }
}

extension ChannelsCommand {
  struct Pause: ChannelVerb {
    static let method = "PauseChannel"
    static let configuration = CommandConfiguration(
      abstract: "Lets a channel take input until its ring is full, and process nothing.",
      discussion: "Example:\n  penstock channels pause ticks-1")

    @Argument(help: "The channel's name.") var name: String
    @OptionGroup var options: ChannelsOptions
  }

  struct Resume: ChannelVerb {
    static let method = "ResumeChannel"
    static let configuration = CommandConfiguration(
      abstract: "Ends a pause.", discussion: "Example:\n  penstock channels resume ticks-1")

    @Argument(help: "The channel's name.") var name: String
    @OptionGroup var options: ChannelsOptions
  }

  struct Drain: ChannelVerb {
    static let method = "DrainChannel"
    static let configuration = CommandConfiguration(
      abstract: "Processes what is there, moves the symbols to siblings with their state, and stops the channel.",
      discussion:
        "Nothing is lost. The last channel of a type cannot be drained.\n\nExample:\n  penstock channels drain ticks-2")

    @Argument(help: "The channel's name.") var name: String
    @OptionGroup var options: ChannelsOptions
  }

  struct Start: ChannelVerb {
    static let method = "StartChannel"
    static let configuration = CommandConfiguration(
      abstract: "Starts a channel that has stopped or failed.",
      discussion: """
        Its symbols come back by `penstock channels route --rebalance TYPE`.

        Example:
          penstock channels start ticks-2
        """)

    @Argument(help: "The channel's name.") var name: String
    @OptionGroup var options: ChannelsOptions
  }

  struct Trip: ChannelVerb {
    static let method = "TripBreaker"
    static let configuration = CommandConfiguration(
      abstract: "Forces a channel's breaker open: its symbols move to siblings.",
      discussion: "Example:\n  penstock channels trip ticks-1")

    @Argument(help: "The channel's name.") var name: String
    @OptionGroup var options: ChannelsOptions
  }

  struct Reset: ChannelVerb {
    static let method = "ResetBreaker"
    static let configuration = CommandConfiguration(
      abstract: "Closes a channel's breaker.", discussion: "Example:\n  penstock channels reset ticks-1")

    @Argument(help: "The channel's name.") var name: String
    @OptionGroup var options: ChannelsOptions
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Drains a channel and takes it away.",
      discussion: "Example:\n  penstock channels delete ticks-2")

    @Argument(help: "The channel's name.") var name: String
    @OptionGroup var options: ChannelsOptions

    func run() async throws {
      try await options.tellChannel("DeleteChannel", ClientRequests.named(name)) {
        "\($0.metrics.channel) is deleted; it had processed \(Figure.full($0.metrics.processed)) items"
      }
    }
  }
}
