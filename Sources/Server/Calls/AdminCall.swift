internal import GRPC
internal import WireCodec

/// A call with one request and one response whose answer may come from another thread, later.
final class AdminCall<Request: Sendable>: CallHandler {
  typealias Answer = @Sendable (Result<[UInt8], Status>) -> Void

  private let call: ServerCall
  private let loop: LoopContext
  private let decode: (RawSpan) throws(DecodeError) -> Request
  private let perform: (Request, @escaping Answer) -> Void
  private var request: Request?
  private var isOver = false

  init(
    _ call: ServerCall, _ loop: LoopContext, decode: @escaping (RawSpan) throws(DecodeError) -> Request,
    perform: @escaping (Request, @escaping Answer) -> Void
  ) {
    self.call = call
    self.loop = loop
    self.decode = decode
    self.perform = perform
  }

  override func onMessage(_ message: RawSpan) {
    guard request == nil else {
      return call.finish(.secondRequest)
    }
    guard call.keep(message.byteCount) else {
      isOver = true
      return
    }
    do throws(DecodeError) {
      request = try decode(message)
    } catch {
      isOver = true
      call.finish(error.status)
    }
  }

  override func onHalfClose() {
    guard !isOver else { return }
    guard let request else { return call.finish(.noRequest) }
    let token = loop.calls.hold(self)
    let mailbox = loop.mailbox
    perform(request) { result in
      mailbox.post { loop in (loop.calls.letGo(token) as? AdminCall)?.finish(result) }
    }
  }

  /// What has been begun is done all the same.
  override func onCancel(_ reason: CallEnd) { isOver = true }

  private func finish(_ result: Result<[UInt8], Status>) {
    guard !isOver else { return }
    isOver = true
    switch result {
    case .success(let message): call.answer(message)
    case .failure(let status): call.finish(status)
    }
  }
}
