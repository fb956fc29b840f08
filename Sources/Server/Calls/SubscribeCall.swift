internal import GRPC
internal import WireCodec

/// `Subscribe(SubscribeRequest) returns (stream SubscribeResponse)`.
final class SubscribeCall: CallHandler, SubscriptionOutput {
  private let call: ServerCall
  private let loop: LoopContext
  private var feed: SubscriptionFeed?

  init(call: ServerCall, loop: LoopContext) {
    self.call = call
    self.loop = loop
  }

  override func onMessage(_ message: RawSpan) {
    guard feed == nil else {
      feed?.stop()
      feed = nil
      return call.finish(.secondRequest)
    }
    switch loop.admission.feed(message, output: self) {
    case .success(let feed):
      self.feed = feed
      feed.start()
    case .failure(let status):
      call.finish(status)
    }
  }

  override func onHalfClose() {
    if feed == nil { call.finish(.noRequest) }
  }

  override func onCancel(_ reason: CallEnd) {
    feed?.stop()
    feed = nil
  }

  override func onWritable() { feed?.pump() }

  // MARK: SubscriptionOutput

  var peer: String { call.head.peer }
  var isWritable: Bool { call.isWritable }

  func send(_ response: [UInt8]) { call.send(response) }

  func finish(_ status: Status, trailers: Metadata) {
    feed = nil
    call.finish(status, trailers: trailers)
  }
}
