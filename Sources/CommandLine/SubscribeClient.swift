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
