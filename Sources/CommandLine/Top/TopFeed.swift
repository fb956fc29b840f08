internal import Channels
internal import Events
internal import GRPC
internal import Transport
internal import WireCodec

/// Metrics and events of a server as they come, over one connection that is taken up again when it is lost.
struct TopFeed: Sendable {
  enum News: Sendable {
    case connected(AdminClient)
    case metrics(MetricsSnapshot)
    case events([ReceivedEvent])
    case lost(String)
    /// The server will have nothing of it: trying again would not help.
    case refused(CommandFailure)
  }

  /// Kept events shown at the start: more than a screen holds, less than takes long.
  private static let eventsBefore: UInt64 = 200

  let intervalMillis: UInt32

  /// Until the task is cancelled, or the server refuses.
  /// - Parameters:
  ///   - first: a connection that stands already.
  ///   - tell: returns when it takes more; meanwhile nothing is received.
  func run(_ first: AdminClient, _ tell: @escaping @Sendable (News) async -> Void) async {
    var client = first
    while !Task.isCancelled {
      do {
        try await follow(client, tell)
      } catch {
        await client.transport.close()
        return await tell(.refused(error as? CommandFailure ?? CommandFailure(.failed, "\(error)")))
      }
      await client.transport.close()
      guard !Task.isCancelled, let again = await reconnect(client, tell) else { return }
      client = again
    }
  }

  private func reconnect(_ lost: AdminClient, _ tell: (News) async -> Void) async -> AdminClient? {
    await tell(.lost("no connection; trying again"))
    for attempt in 0... {
      // 0.1 s doubling to 3.2 s: a restart is bridged at once, an absent server costs little.
      try? await Task.sleep(nanoseconds: 100_000_000 << UInt64(min(attempt, 5)))
      if Task.isCancelled { return nil }
      if let client = try? await AdminClient.connect(lost.address, lost.group) { return client }
    }
    return nil
  }

  /// Returns when the connection is lost.
  private func follow(_ client: AdminClient, _ tell: @escaping @Sendable (News) async -> Void) async throws {
    let info: AdminResponses.ServerInfo
    do {
      info = try await client.call("GetServerInfo", ClientRequests.empty) { $0.serverInfo($1) }
    } catch let failure as CommandFailure where failure.kind == .serverUnreachable {
      return
    }
    await tell(.connected(client))
    var request = SubscriptionRequest()
    request.slowConsumer = 2
    let newest = info.lastEventSequence
    request.start = .sequence(
      max(info.firstKeptSequence, newest > Self.eventsBefore ? newest - Self.eventsBefore + 1 : 1, 1))
    let events = SubscribeClient.subscribe(request, on: client.transport, withJSON: false)
    let metrics = ResponseStream(
      "/penstock.v1.MarketStream/WatchMetrics", ClientRequests.watchMetrics(intervalMillis: intervalMillis),
      on: client.transport
    ) { $0.metrics($1) }
    let end = await withTaskGroup(of: Status.self) { group in
      group.addTask {
        for await item in events {
          switch item {
          case .response(.events(let events)): await tell(.events(events))
          case .response: break
          case .ended(let status): return status
          }
        }
        return Status(.cancelled)
      }
      group.addTask {
        for await item in metrics {
          switch item {
          case .response(let snapshot): await tell(.metrics(snapshot))
          case .ended(let status): return status
          }
        }
        return Status(.cancelled)
      }
      let first = await group.next() ?? Status(.cancelled)
      await client.transport.close()
      return first
    }
    switch end.code {
    case .ok, .cancelled, .unavailable, .internalError, .unknown, .resourceExhausted: return
    default: throw AdminClient.failure(end, client.address)
    }
  }
}
