internal import GRPC
internal import HTTP2
internal import WireCodec

/// `GetSymbolState`: hands the request to the `SymbolStateReader` and its answer to the client.
final class SymbolStateCall: CallHandler {
  private let call: ServerCall
  private let loop: LoopContext
  private var request: [UInt8]?
  private var question: SymbolStateQuestion?
  /// Under which the call is held until its answer comes.
  private var token: UInt64?

  init(call: ServerCall, loop: LoopContext) {
    self.call = call
    self.loop = loop
  }

  override func onMessage(_ message: RawSpan) {
    guard request == nil else { return call.finish(.secondRequest) }
    // What waits for its turn is kept: it may be no larger than a thousand symbols can be.
    guard message.byteCount <= SymbolStateQuestion.requestBytesMax else {
      return call.finish(
        Status(
          .invalidArgument,
          "the request has \(message.byteCount) bytes; symbols takes at most 1,000 entries of 64 bytes"))
    }
    guard call.keep(message.byteCount) else { return }
    request = message.copied()
  }

  override func onCancel(_ reason: CallEnd) {
    question?.drop()
    if let token { _ = loop.calls.letGo(token) }
  }

  override func onHalfClose() {
    guard let request else { return call.finish(.noRequest) }
    let token = loop.calls.hold(self)
    let mailbox = loop.mailbox
    let question = SymbolStateQuestion(request, of: call.head.peer, loop.shared) { result in
      mailbox.post { loop in (loop.calls.letGo(token) as? SymbolStateCall)?.finish(result) }
    }
    self.question = question
    self.token = token
    loop.shared.symbolStates.ask(question)
  }

  private func finish(_ result: Result<[UInt8], Status>) {
    switch result {
    case .success(let message): call.answer(message)
    case .failure(let status): call.finish(status)
    }
  }
}
