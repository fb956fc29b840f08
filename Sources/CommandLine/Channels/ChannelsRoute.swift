internal import ArgumentParser
internal import Channels
internal import Server
internal import WireCodec

extension ChannelsCommand {
  struct Route: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows which channels take the symbols of each type, and changes how they are placed.",
      discussion: """
        A strategy places a symbol when it is seen for the first time; those that are placed stay. --rebalance places all symbols of a
        type anew, with their state and without losing or reordering an item.

        Strategies: symbol_hash, round_robin, least_loaded, healthiest, random (from --seed).

        Examples:
          penstock channels route
          penstock channels route --type tick --strategy round_robin
          penstock channels route --type tick --strategy random --seed 7 --rebalance tick
        """)

    @Option(name: .long, help: "What to change: tick, bar or fmv.")
    var type: String?

    @Option(name: .long, help: "How its symbols are placed from now on.")
    var strategy: String?

    @Option(name: .long, help: "Of the strategy random.")
    var seed: UInt64?

    @Option(name: .long, help: "Place all symbols of this type anew.")
    var rebalance: String?

    @OptionGroup var options: ChannelsOptions

    func validate() throws {
      if type == nil, strategy != nil || seed != nil {
        throw ValidationError("Name the type whose routing changes: --type tick, bar or fmv.")
      }
      if type != nil, strategy == nil, seed == nil { throw ValidationError("Name --strategy, --seed or both.") }
    }

    func run() async throws {
      let changed = try type.map { try Self.type($0, "--type") }
      let strategy = try strategy.map { try Self.strategy($0) }
      let rebalanced = try rebalance.map { try Self.type($0, "--rebalance") }
      let client = try await AdminClient.connect(options.server)
      if let changed {
        let request = ClientRequests.setRouting(changed, strategy: strategy, seed: seed)
        _ = try await client.call("SetRouting", request) { $0.routing($1) }
      }
      if let rebalanced {
        let request = ClientRequests.rebalance(rebalanced)
        let moved = try await client.call("Rebalance", request) { $0.count($1) }
        Output.note("\(Figure.full(moved)) symbols moved")
      }
      if options.json {
        return Output.line(try await client.call("GetRouting", ClientRequests.empty) { $0.json($1, of: .routing) })
      }
      let routing = try await client.call("GetRouting", ClientRequests.empty) { $0.routing($1) }
      let channels = try await client.call("ListChannels", ClientRequests.empty) { $0.channels($1) }
      Output.line(RoutingTable.lines(routing, channels.map(\.metrics)).joined(separator: "\n"))
    }

    private static func type(_ text: String, _ option: String) throws -> ChannelType {
      guard let found = ChannelType.allCases.first(where: { $0.configurationName == text }) else {
        throw CommandFailure(.usage, "\(option) is '\(text)'; must be one of tick, bar, fmv")
      }
      return found
    }

    private static func strategy(_ text: String) throws -> RoutingStrategy {
      guard let found = RoutingStrategy(rawValue: text) else {
        let known = RoutingStrategy.allCases.map(\.rawValue).joined(separator: ", ")
        throw CommandFailure(.usage, "--strategy is '\(text)'; must be one of \(known)")
      }
      return found
    }
  }
}
