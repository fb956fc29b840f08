internal import ArgumentParser
internal import Foundation
internal import Server

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Checks a configuration file, prints the documented default, or the sessions of a calendar.",
    subcommands: [Check.self, Default.self, ConfigSessionsCommand.self])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Names every problem of a file at once, with its key, line and valid range.",
      discussion: "Example:\n  penstock config check penstock.yaml")

    @Argument(help: "The file.")
    var file: String

    @Option(name: .customLong("set"), help: "KEY=VALUE as for `penstock serve`. Repeatable.")
    var settings: [String] = []

    func run() throws {
      let configuration = try ConfigurationFile.read(file, settings: settings)
      Output.line(
        "\(file) is good: \(configuration.channels.count) channels, \(configuration.profiles.count) profiles, listening on \(configuration.listen)"
      )
    }
  }

  struct Default: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints the default configuration with comments, or the settings that suit a market.",
      discussion: """
        Examples:
          penstock config default > penstock.yaml
          penstock config default --profile crypto > crypto.yaml      what departs from the default, with the reasons
        """)

    @Option(help: "Settings for a market's symbols in place of the default.")
    var profile: MarketProfile?

    func run() { Output.write(profile?.text ?? defaultConfigurationText, to: .standardOutput) }
  }
}

extension MarketProfile: ExpressibleByArgument {}
