internal import Channels
internal import GRPC
internal import WireCodec

/// The calls of `ChannelAdmin` that look at or change channels, profiles and routing: requests to `ChannelAdministration`, and back.
enum ChannelCalls {
  static func register(in table: MethodTable, loop: LoopContext) {
    let administration = loop.shared.administration
    let requests = loop.requests
    named(table, loop, "GetChannel") { administration.get($0, $1) }
    named(table, loop, "PauseChannel") { administration.pause($0, $1) }
    named(table, loop, "ResumeChannel") { administration.resume($0, $1) }
    named(table, loop, "DrainChannel") { administration.drain($0, $1) }
    named(table, loop, "DeleteChannel") { administration.delete($0, $1) }
    named(table, loop, "StartChannel") { administration.start($0, $1) }
    named(table, loop, "TripBreaker") { administration.force(.trip, $0, $1) }
    named(table, loop, "ResetBreaker") { administration.force(.reset, $0, $1) }
    named(table, loop, "GetProfile") { administration.getProfile($0, $1) }
    add(table, loop, "CreateChannel", requests.createChannel) { administration.create($0, $1) }
    add(table, loop, "UpdateChannel", requests.updateChannel) { administration.update($0, $1) }
    add(table, loop, "UpdateProfile", requests.updateProfile) { administration.updateProfile($0, $1) }
    add(table, loop, "ResetSymbols", requests.resetSymbols) { administration.resetSymbols($0, $1) }
    add(table, loop, "SetRouting", requests.setRouting) { administration.setRouting($0, $1) }
    add(table, loop, "Rebalance", requests.rebalance) { administration.rebalance($0, $1) }
    add(table, loop, "GetRouting", requests.empty) { administration.getRouting($1) }
    add(table, loop, "ListSessions", requests.empty) { administration.listSessions($1) }
    // Its request holds nothing but field 1, as those that name a channel.
    named(table, loop, "DisconnectSession") { administration.disconnectSession($0, $1) }
    add(table, loop, "Shutdown", requests.shutdown) { administration.shutdown($0, $1) }
  }

  /// A call whose request holds nothing but a name.
  private static func named(
    _ table: MethodTable, _ loop: LoopContext, _ method: String,
    _ perform: @escaping (String, @escaping ChannelAdministration.Answer) -> Void
  ) {
    add(table, loop, method, loop.requests.channelName, perform)
  }

  private static func add<Request: Sendable>(
    _ table: MethodTable, _ loop: LoopContext, _ method: String,
    _ decode: @escaping (RawSpan) throws(DecodeError) -> Request,
    _ perform: @escaping (Request, @escaping ChannelAdministration.Answer) -> Void
  ) {
    table.register("/\(Services.channelAdmin)/\(method)") { _, call in
      AdminCall(call, loop, decode: decode, perform: perform)
    }
  }
}
