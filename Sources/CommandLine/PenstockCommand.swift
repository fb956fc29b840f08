package import ArgumentParser
internal import Server

/// `penstock`: the server, its demo and its tools.
package struct PenstockCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "penstock",
    abstract: "Detects market events in streams of ticks, over gRPC.",
    discussion: """
      Start here:
        penstock demo                       a server, a made-up market and its events, in one window
        penstock serve                      the server alone, on 127.0.0.1:7171
        penstock feed ticks.csv.gz          play a file of ticks into it
        penstock watch                      see what it detects
        penstock replay ticks.csv.gz        what the detectors make of history, without a server
        penstock top                        see it live: channels and events on one screen
        penstock channels list              see how its channels are, and steer them

      Exit codes: 0 done, 64 wrong usage, 65 bad input data, 66 no such file, 69 server not reachable, 70 failed, 74 output
      cannot be written, 78 bad
      configuration, 130 interrupted.
      """,
    version: PenstockServer.version,
    subcommands: [
      ServeCommand.self, DemoCommand.self, FeedCommand.self, WatchCommand.self, TopCommand.self,
      ChannelsCommand.self, GenerateCommand.self, BenchCommand.self, ReplayCommand.self, ConfigCommand.self,
    ])

  package init() {}
}
