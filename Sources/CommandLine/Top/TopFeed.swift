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
  /// - Parameter first: a connection that stands already.
  func run(_ first: AdminClient, _ tell: @escaping @Sendable (News) -> Void) async {
    var client = first
    while !Task.isCancelled {
      do {
        try await follow(client, tell)
      } catch {
        await client.transport.close()
        return tell(.refused(error as? CommandFailure ?? CommandFailure(.failed, "\(error)")))
      }
      await client.transport.close()
      guard !Task.isCancelled, let again = await reconnect(client, tell) else { return }
      client = again
    }
  }

  private func reconnect(_ lost: AdminClient, _ tell: (News) -> Void) async -> AdminClient? {
    tell(.lost("no connection; trying again"))
    for attempt in 0... {
      // 0.1 s doubling to 3.2 s: a restart is bridged at once, an absent server costs little.
      try? await Task.sleep(nanoseconds: 100_000_000 << UInt64(min(attempt, 5)))
      if Task.isCancelled { return nil }
      if let client = try? await AdminClient.connect(lost.address, lost.group) { return client }
    }
    return nil
  }

  /// Returns when the connection is lost.
  private func follow(_ client: AdminClient, _ tell: @escaping @Sendable (News) -> Void) async throws {
    let info: AdminResponses.ServerInfo
    do {
      info = try await client.call("GetServerInfo", ClientRequests.empty) { $0.serverInfo($1) }
    } catch let failure as CommandFailure where failure.kind == .serverUnreachable {
      return
    }
    tell(.connected(client))
    var request = SubscriptionRequest()
    request.slowConsumer = 2
    let newest = info.lastEventSequence
    request.start = .sequence(
      max(info.firstKeptSequence, newest > Self.eventsBefore ? newest - Self.eventsBefore + 1 : 1, 1))
    let events = SubscribeClient.subscribe(request, on: client.transport, withJSON: false)
    let metrics = MetricsClient.watch(intervalMillis: intervalMillis, on: client.transport)
    let end = await withTaskGroup(of: Status.self) { group in
      group.addTask {
        for await item in events {
          switch item {
          case .response(.events(let events)): tell(.events(events))
          case .response: break
          case .ended(let status): return status
          }
        }
        return Status(.cancelled)
      }
      group.addTask {
        for await item in metrics {
          switch item {
          case .snapshot(let snapshot): tell(.metrics(snapshot))
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

/// One call of `WatchMetrics`.
enum MetricsClient {
  enum Item: Sendable {
    case snapshot(MetricsSnapshot)
    case ended(Status)
  }

  /// The stream ends after `ended`.
  static func watch(intervalMillis: UInt32, on transport: ClientTransport) -> AsyncStream<Item> {
    let bytes = ClientRequests.watchMetrics(intervalMillis: intervalMillis)
    return AsyncStream { continuation in
      transport.perform { connection in
        let call = connection.start("/penstock.v1.MarketStream/WatchMetrics", handler: Handler(continuation))
        call.send(bytes)
        call.halfClose()
      }
    }
  }

  private final class Handler: ClientCallHandler {
    private let continuation: AsyncStream<Item>.Continuation
    private let decoder = ResponseDecoder()

    init(_ continuation: AsyncStream<Item>.Continuation) { self.continuation = continuation }

    override func onMessage(_ message: RawSpan) {
      if let snapshot = decoder.metrics(message) { continuation.yield(.snapshot(snapshot)) }
    }

    override func onEnd(_ status: Status, trailers: Metadata) {
      continuation.yield(.ended(status))
      continuation.finish()
    }
  }
}
