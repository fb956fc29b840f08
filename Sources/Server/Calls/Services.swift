internal import Channels
internal import Events
internal import GRPC
internal import MarketData
internal import WireCodec

/// The methods of one event loop. Calls of the contract that this server does not bring are not in the table: they answer UNIMPLEMENTED.
enum Services {
  static let marketStream = "penstock.v1.MarketStream"
  static let channelAdmin = "penstock.v1.ChannelAdmin"
  static let names = ["", marketStream, channelAdmin]
  /// What a call that publishes keeps of its headers.
  private static let publisherHeaders: Set = ["penstock-publisher", "penstock-publisher-memory"]

  static func table(loop: LoopContext, health: HealthService, reflection: ReflectionService) -> MethodTable {
    let table = MethodTable()
    health.register(in: table)
    reflection.register(in: table)
    table.register("/\(marketStream)/Publish") { head, call in
      let handler = PublishCall(call: call, loop: loop)
      handler.begin(metadata: head.metadata.keeping(publisherHeaders))
      return handler
    }
    table.register("/\(marketStream)/Subscribe") { _, call in SubscribeCall(call: call, loop: loop) }
    table.register("/\(marketStream)/Session") { head, call in
      let handler = SessionCall(call: call, loop: loop)
      handler.begin(metadata: head.metadata.keeping(publisherHeaders))
      return handler
    }
    table.register("/\(marketStream)/Replay") { _, call in
      let handler = ReplayCall(call: call, loop: loop)
      handler.begin()
      return handler
    }
    table.register("/\(marketStream)/WatchMetrics") { _, call in WatchMetricsCall(call: call, loop: loop) }
    table.register("/\(marketStream)/GetSymbolState") { _, call in SymbolStateCall(call: call, loop: loop) }
    reading(table, "ListChannels", loop) { $0.channels }
    reading(table, "GetMetrics", loop) { $0.response }
    unary(table, "GetServerInfo", loop) { AdminResponses.serverInfo(serverInfo(loop.shared)) }
    ChannelCalls.register(in: table, loop: loop)
    return table
  }

  /// An admin call whose request has no fields.
  private static func unary(
    _ table: MethodTable, _ method: String, _ loop: LoopContext, _ answer: @escaping () -> [UInt8]
  ) {
    table.registerUnary("/\(channelAdmin)/\(method)") { message in
      do throws(DecodeError) {
        try loop.requests.empty(message)
        return .success(answer())
      } catch {
        return .failure(error.status)
      }
    }
  }

  /// An admin call that is answered from the metrics, which are read away from the event loops.
  private static func reading(
    _ table: MethodTable, _ method: String, _ loop: LoopContext,
    _ form: @escaping @Sendable (MetricsReading) -> [UInt8]
  ) {
    let shared = loop.shared
    table.register("/\(channelAdmin)/\(method)") { _, call in
      AdminCall(call, loop, decode: loop.requests.empty) { (_: Void, answer) in
        shared.sharedMetrics.ask(shared) { answer(.success(form($0))) }
      }
    }
  }

  private static func serverInfo(_ shared: SharedState) -> AdminResponses.ServerInfo {
    var info = AdminResponses.ServerInfo()
    info.version = PenstockServer.version
    info.logID = shared.log.id
    info.startedTime = shared.startedTime
    info.serverTime = shared.clock.unixNow
    info.lastEventSequence = shared.log.lastSequence
    info.firstKeptSequence = shared.log.firstSequence
    info.maxMessageBytes = UInt64(shared.configuration.limits.maxMessageBytes)
    info.maxItems = UInt64(shared.configuration.limits.maxItems)
    info.profiles = shared.live.profileNames
    return info
  }
}
