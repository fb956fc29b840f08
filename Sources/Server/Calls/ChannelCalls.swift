internal import Channels
internal import GRPC
internal import Synchronization
internal import WireCodec

/// The calls of `ChannelAdmin` that name one channel.
enum ChannelCalls {
  static func register(in table: MethodTable, loop: LoopContext) {
    named(table, "GetChannel", loop, changes: false) { _ in }
    named(table, "PauseChannel", loop) { channel throws(IllegalChange) in
      try channel.pause()
      loop.shared.notices.post(
        .channelPaused, channel: channel.name, detail: "channel '\(channel.name)' takes input until its ring is full")
    }
    named(table, "ResumeChannel", loop) { channel throws(IllegalChange) in
      try channel.resume()
      loop.shared.notices.post(
        .channelResumed, channel: channel.name, detail: "channel '\(channel.name)' processes again")
    }
  }

  /// A call that takes a channel's name and returns the channel as it is afterwards.
  private static func named(
    _ table: MethodTable, _ method: String, _ loop: LoopContext, changes: Bool = true,
    _ change: @escaping (TickChannel) throws(IllegalChange) -> Void
  ) {
    table.registerUnary("/\(Services.channelAdmin)/\(method)") { message in
      let name: String
      do throws(DecodeError) {
        name = try loop.requests.channelName(message)
      } catch {
        return .failure(error.status)
      }
      let shared = loop.shared
      // A drain runs paused channels, and nobody may hold it up.
      if changes, shared.isDraining.load(ordering: .relaxed) { return .failure(SharedState.draining) }
      guard let index = shared.router.channels.firstIndex(where: { $0.name == name }) else {
        let known = shared.channelNames.joined(separator: ", ")
        return .failure(Status(.notFound, "there is no channel '\(name)'; there are: \(known)"))
      }
      do throws(IllegalChange) {
        try change(shared.router.channels[index])
      } catch {
        return .failure(Status(.failedPrecondition, "\(error)"))
      }
      return .success(AdminResponses.channel(status(of: index, shared)))
    }
  }

  static func status(of index: Int, _ shared: SharedState) -> AdminResponses.ChannelStatus {
    let channel = shared.router.channels[index]
    let configured = shared.configuration.channels[index]
    let wait: UInt8 =
      switch configured.wait {
      case .park: 1
      case .yield: 2
      case .spin: 3
      }
    return AdminResponses.ChannelStatus(
      metrics: channel.metrics(), batching: channel.configuration.batching, maxBatch: channel.configuration.maxBatch,
      maxWaitNanos: channel.configuration.maxWaitNanos, wait: wait, profiles: configured.profiles)
  }
}
