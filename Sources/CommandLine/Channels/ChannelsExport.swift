internal import ArgumentParser
internal import Channels
internal import MarketData
internal import Server
internal import Settings
internal import WireCodec

extension ChannelsCommand {
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes the live channels, routing and profiles as a configuration file.",
      discussion: """
        Changes made while the server runs end with it; the file keeps them. What stands below `server` and `event_log` is not part of it.

        Example:
          penstock channels export > penstock.yaml && penstock config check penstock.yaml
        """)

    @OptionGroup var server: ServerOption

    func run() async throws {
      let client = try await AdminClient.connect(server)
      let info = try await client.call("GetServerInfo", ClientRequests.empty) { $0.serverInfo($1) }
      guard !info.profiles.isEmpty else {
        throw CommandFailure(.failed, "the server at \(client.address) does not tell its profiles: it is older")
      }
      let channels = try await client.call("ListChannels", ClientRequests.empty) { $0.channels($1) }
      let routing = try await client.call("GetRouting", ClientRequests.empty) { $0.routing($1) }
      var profiles: [SettingsNode] = []
      for name in info.profiles {
        profiles.append(try await client.call("GetProfile", ClientRequests.named(name)) { $0.profile($1) })
      }
      let file = ExportedConfiguration(channels: channels.map(\.spec), routing: routing.rules, profiles: profiles)
      Output.line(
        "# Exported from \(client.address), penstock \(Cells.tame(info.version)), \(UTCTime.text(info.serverTime.nanoseconds))."
      )
      Output.line(file.lines.joined(separator: "\n"))
    }
  }
}

/// The text of a configuration file from what a server tells. Pure.
struct ExportedConfiguration {
  var channels: [SettingsNode]
  var routing: [ReceivedRouting.Rule]
  /// In the order in which they are matched.
  var profiles: [SettingsNode]

  var lines: [String] {
    let rules = routing.map { rule in
      SettingsNode.Entry(
        key: rule.type.configurationName,
        node: .section([
          SettingsNode.Entry(key: "strategy", node: .plain(rule.strategy)),
          SettingsNode.Entry(key: "seed", node: .plain("\(rule.seed)")),
        ]))
    }
    let file: [(String, SettingsNode)] = [
      ("routing", .section(rules)), ("channels", .list(channels)), ("profiles", .list(profiles)),
    ]
    return SettingsNode.section(file.map { SettingsNode.Entry(key: $0, node: $1) }).block()
  }
}
