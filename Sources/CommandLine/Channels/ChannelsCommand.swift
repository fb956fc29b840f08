internal import ArgumentParser
internal import WireCodec

struct ChannelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "channels", abstract: "Shows and steers the channels of a running server.",
    discussion: """
      Changes hold until the server ends; `export` writes them as a configuration file.

      Examples:
        penstock channels list
        penstock channels show ticks-1
        penstock channels update ticks-1 --set batching.max_batch=64 --set overflow=conflate
        penstock channels drain ticks-2
        penstock channels route --type tick --strategy least_loaded
        penstock channels export > penstock.yaml
      """,
    subcommands: [
      List.self, Show.self, Create.self, Update.self, Pause.self, Resume.self, Drain.self, Start.self, Delete.self,
      Trip.self, Reset.self, Route.self, Export.self,
    ])
}

/// What most of the subcommands take.
struct ChannelsOptions: ParsableArguments {
  @OptionGroup var server: ServerOption

  @Flag(name: .long, help: "The answer as one line of JSON, with the names of admin.proto.")
  var json = false

  /// Connects, makes one call, and tells its answer as JSON or in words.
  func tell<R: Sendable>(
    _ method: String, _ request: [UInt8], _ answer: ResponseDecoder.Answer,
    read: @escaping @Sendable (ResponseDecoder, RawSpan) -> R?, words: (R) -> String
  ) async throws {
    let client = try await AdminClient.connect(server)
    if json {
      Output.line(try await client.call(method, request) { $0.json($1, of: answer) })
    } else {
      Output.line(words(try await client.call(method, request, read)))
    }
  }

  /// Of calls that answer with one channel.
  func tellChannel(_ method: String, _ request: [UInt8], words: (ReceivedChannel) -> String) async throws {
    try await tell(method, request, .channel, read: { $0.channel($1) }, words: words)
  }
}

extension ChannelsCommand {
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "All channels, a line each.",
      discussion: """
        Depth is what waits in the ring, p99 the wait there of 99 items in a hundred.

        Examples:
          penstock channels list
          penstock channels list --json | jq '.channels[].metrics.ring_depth'
        """)

    @OptionGroup var options: ChannelsOptions

    func run() async throws {
      try await options.tell(
        "ListChannels", ClientRequests.empty, .channels, read: { $0.channels($1) },
        words: { ChannelTable.lines($0.map(\.metrics)).joined(separator: "\n") })
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Everything about one channel: state, health with its reasons, counters, latencies, configuration.",
      discussion: "Example:\n  penstock channels show ticks-1")

    @Argument(help: "The channel's name.")
    var name: String

    @OptionGroup var options: ChannelsOptions

    func run() async throws {
      try await options.tellChannel("GetChannel", ClientRequests.named(name)) {
        ChannelDetails.lines($0).joined(separator: "\n")
      }
    }
  }
}
