internal import GRPC
internal import HTTP2
internal import LockFree
internal import WireCodec

/// `Subscribe(SubscribeRequest) returns (stream SubscribeResponse)`.
final class SubscribeCall: CallHandler, SubscriptionOutput {
  private let call: ServerCall
  private let loop: LoopContext
  private var feed: SubscriptionFeed?
  private var queued = QueuedResponses()

  init(call: ServerCall, loop: LoopContext) {
    self.call = call
    self.loop = loop
  }

  override func onMessage(_ message: RawSpan) {
    if let feed {
      return feed.end(with: .secondRequest)
    }
    switch loop.admission.feed(message, output: self) {
    case .success(let feed):
      self.feed = feed
      call.keepQueueShort(SubscriptionQueue.bytes)
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

  override func onWritable() { feed?.writableAgain() }

  // MARK: SubscriptionOutput

  var peer: String { call.head.peer }
  var budget: BudgetHolder { call.budget }
  var isWritable: Bool { call.isWritable }
  var freeWindowBytes: Int { call.freeWindowBytes }

  func send(_ response: [UInt8], last: UInt64) {
    call.send(response)
    queued.note(bytes: ServerCall.prefixBytes + response.count, queued: call.queuedBytes, last: last)
  }

  func discardQueue(last: UInt64) -> UInt64 {
    let (keep, last) = queued.cut(queued: call.queuedBytes, committed: call.committedBytes)
    call.discardQueue(keeping: keep)
    return last
  }

  func finish(_ status: Status, trailers: Metadata, onClosed: @escaping () -> Void) {
    feed = nil
    call.finish(status, trailers: trailers)
    call.onClosed = onClosed
  }

  func reset() { call.cancel() }
}
