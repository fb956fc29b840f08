internal import HTTP2

/// A call with one request and one response, answered by a function: the response goes out when the client has half-closed.
public final class UnaryHandler: CallHandler {
  private let call: ServerCall
  private let respond: (RawSpan) -> Result<[UInt8], Status>
  private var answer: Result<[UInt8], Status>?

  package init(_ call: ServerCall, _ respond: @escaping (RawSpan) -> Result<[UInt8], Status>) {
    self.call = call
    self.respond = respond
  }

  public override func onMessage(_ message: RawSpan) {
    guard answer == nil else {
      call.finish(.secondRequest)
      return
    }
    let found = respond(message)
    if case .success(let bytes) = found, !call.keep(bytes.count) { return }
    answer = found
  }

  public override func onHalfClose() {
    switch answer {
    case .success(let message): call.answer(message)
    case .failure(let status): call.finish(status)
    case nil: call.finish(.noRequest)
    }
  }
}

/// A call with one request and many responses: the function is called once, when the request is complete, and sends when it likes.
public final class ServerStreamingHandler: CallHandler {
  private let call: ServerCall
  private let begin: (RawSpan) -> Void
  private let cancelled: (CallEnd) -> Void
  private let writable: () -> Void
  private var request: [UInt8]?

  package init(
    _ call: ServerCall, begin: @escaping (RawSpan) -> Void, writable: @escaping () -> Void = {},
    cancelled: @escaping (CallEnd) -> Void = { _ in }
  ) {
    self.call = call
    self.begin = begin
    self.writable = writable
    self.cancelled = cancelled
  }

  public override func onMessage(_ message: RawSpan) {
    guard request == nil else {
      call.finish(.secondRequest)
      return
    }
    guard call.keep(message.byteCount) else { return }
    request = message.copied()
  }

  public override func onHalfClose() {
    guard let request else {
      call.finish(.noRequest)
      return
    }
    begin(request.span.bytes)
  }

  public override func onWritable() { writable() }

  public override func onCancel(_ reason: CallEnd) { cancelled(reason) }
}
