internal import GRPC
internal import WireCodec

/// `Publish(stream PublishRequest) returns (stream PublishResponse)`.
final class PublishCall: CallHandler, PublishOutput {
  private let call: ServerCall
  private let loop: LoopContext
  private var stream: PublishStream?

  init(call: ServerCall, loop: LoopContext) {
    self.call = call
    self.loop = loop
  }

  /// Opens the stream, or ends the call where the publisher's name or the number of streams does not allow it.
  func begin(metadata: Metadata) {
    switch loop.admission.publisher(metadata: metadata, peer: call.head.peer, budget: call.budget, output: self) {
    case .success(let stream):
      self.stream = stream
      stream.open()
    case .failure(let status):
      call.finish(status)
    }
  }

  override func onMessage(_ message: RawSpan) { stream?.receive(message) }

  override var takesRuns: Bool { true }

  override func onMessages(_ run: RawSpan) -> Int { stream?.receive(run: run) ?? run.byteCount }

  override func onHalfClose() { stream?.halfClosed() }

  override func onRefusedMessage(_ status: Status) -> Bool {
    guard let stream else { return false }
    stream.end(with: status)
    return true
  }

  override func onCancel(_ reason: CallEnd) {
    stream?.lost()
    stream = nil
  }

  override func onWritable() { stream?.writableAgain() }

  // MARK: PublishOutput

  var isWritable: Bool { call.isWritable }

  func send(_ acknowledgement: Acknowledgement) { call.send(acknowledgement.encoded) }

  func finish(_ status: Status) {
    stream = nil
    call.finish(status)
  }

  func pauseReceiving() { call.pauseReceiving() }
  func resumeReceiving() { call.resumeReceiving() }
}
