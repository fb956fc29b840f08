internal import Events
internal import Transport
internal import WireCodec

/// One subscription's responses, as they come.
enum SubscribeClient {
  static func subscribe(
    _ request: SubscriptionRequest, on transport: ClientTransport, withJSON: Bool
  ) -> ResponseStream<ReceivedResponse> {
    ResponseStream("/penstock.v1.MarketStream/Subscribe", ClientRequests.subscribe(request), on: transport) {
      $0.subscribeResponse($1, withJSON: withJSON)
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
