internal import Events
internal import GRPC
internal import NIOCore
internal import Server
internal import Transport
internal import WireCodec

/// One subscription's responses, as they come.
enum SubscribeClient {
  enum Item: Sendable {
    case response(ReceivedResponse)
    case ended(Status)
  }

  /// Starts a subscription; the stream ends after `ended`.
  static func subscribe(
    _ request: SubscriptionRequest, on transport: ClientTransport, withJSON: Bool
  ) -> AsyncStream<Item> {
    let bytes = ClientRequests.subscribe(request)
    return AsyncStream { continuation in
      transport.perform { connection in
        let call = connection.start(
          "/penstock.v1.MarketStream/Subscribe", handler: Handler(continuation, withJSON: withJSON))
        call.send(bytes)
        call.halfClose()
      }
    }
  }

  private final class Handler: ClientCallHandler {
    private let continuation: AsyncStream<Item>.Continuation
    private let withJSON: Bool
    private let decoder = ResponseDecoder()

    init(_ continuation: AsyncStream<Item>.Continuation, withJSON: Bool) {
      self.continuation = continuation
      self.withJSON = withJSON
    }

    override func onMessage(_ message: RawSpan) {
      guard let response = decoder.subscribeResponse(message, withJSON: withJSON) else { return }
      continuation.yield(.response(response))
    }

    override func onEnd(_ status: Status, trailers: Metadata) {
      continuation.yield(.ended(status))
      continuation.finish()
    }
  }
}

extension SubscriptionRequest {
  /// Moves the start so that another call goes on behind this response. `missed` moves nothing: CONFLATE tells it before events that it covers.
  mutating func goOn(behind response: ReceivedResponse) {
    switch response {
    case .events(let events):
      if let last = events.last { start = .sequence(last.sequence + 1) }
    case .heartbeat(let last, _, _, let logID), .caughtUp(let last, let logID):
      self.logID = logID
      // From now until now there is nothing: such a query keeps asking for that.
      if case .now = start, endWhenCaughtUp { return }
      // Also back: behind LOG_REPLACED it is the new log's place, and with its id the old one would pass for that.
      start = .sequence(last + 1)
    case .missed, .unknown: break
    }
  }
}
