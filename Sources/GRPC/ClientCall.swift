public import HTTP2

/// One call from the client's side. Belongs to the connection's event loop; verbs after the end are no-ops.
public final class ClientCall: MessageStream {
  private weak var connection: GRPCClientConnection?
  private var handler: ClientCallHandler?
  private let hasDeadline: Bool
  private var responseHeaders: [HeaderField]?
  private var outcome: (Status, Metadata)?

  init(connection: GRPCClientConnection, limits: MessageLimits, handler: ClientCallHandler, hasDeadline: Bool) {
    self.connection = connection
    self.handler = handler
    self.hasDeadline = hasDeadline
    super.init(limits: limits)
    receiver = handler
  }

  /// Queues one message; one copy. Many sends before one `takeOutput` share DATA frames.
  package func send(_ message: RawSpan) {
    if isActive { enqueue(flag: 0, body: message) }
  }

  package func send(_ message: [UInt8]) { send(message.span.bytes) }

  /// No more messages from us.
  package func halfClose() {
    if isActive { endSending() }
  }

  /// Gives the call up: the server hears RST_STREAM, the handler `onEnd` with this status.
  package func cancel(_ status: Status = Status(.cancelled, "cancelled by the client")) {
    guard isActive else { return }
    reset(.cancel)
    conclude(status, [:])
  }

  // MARK: inside the target

  override func deadlinePassed() { cancel(Status(.deadlineExceeded, "deadline exceeded")) }

  func refused(_ status: Status) { conclude(status, [:]) }

  override func messagesFailed(_ status: Status) { cancel(status) }

  override func inputEnded() {
    guard let (status, trailers) = outcome else { return }
    conclude(status, trailers)
  }

  public override func onHeaders(_ headers: [HeaderField], endStream: Bool, tooLarge: Bool) {
    guard !isEnded else { return }
    guard !tooLarge else {
      cancel(Status(.resourceExhausted, "response headers are above max_header_list_bytes"))
      return
    }
    if !endStream, responseHeaders == nil {
      if headers.first(where: { $0.name == ":status" })?.value.hasPrefix("1") == true { return }  // informational
      responseHeaders = headers
      if let status = Self.refusal(headers) {
        cancel(status)
        return
      }
      handler?.onInitialMetadata((try? Metadata(received: headers)) ?? [:])
      return
    }
    guard endStream else { return }
    outcome = Self.outcome(trailers: headers, responseHeaders ?? headers)
    finishInput()
  }

  public override func onEndStream() {
    guard !isEnded else { return }
    outcome = (Status(.internalError, "the server ended the stream without a status"), [:])
    finishInput()
  }

  public override func onClose(_ end: StreamEnd) {
    // With an outcome the call is paused: it ends when what is gathered has been taken.
    guard !isEnded, outcome == nil else { return }
    switch end {
    case .connectionLost: conclude(Status(.unavailable, "connection lost"), [:])
    case .complete: conclude(Status(.internalError, "the stream ended without a status"), [:])
    case .reset(let code): conclude(Self.status(of: code), [:])
    }
  }

  private func conclude(_ status: Status, _ trailers: Metadata) {
    guard let handler else { return }
    endDelivery()
    self.handler = nil
    receiver = nil
    if hasDeadline { connection?.unwatch() }
    handler.onEnd(status, trailers: trailers)
  }

  /// A response that is not gRPC's: its status comes from HTTP's.
  private static func refusal(_ headers: [HeaderField]) -> Status? {
    let code = headers.first { $0.name == ":status" }?.value ?? ""
    if code != "200" { return status(ofHTTP: code) }
    let type = headers.first { $0.name == "content-type" }?.value ?? ""
    guard type.hasPrefix("application/grpc") else {
      return Status(.unknown, "response is \(type), not application/grpc")
    }
    if let encoding = headers.first(where: { $0.name == "grpc-encoding" })?.value, encoding != "identity" {
      return Status(.internalError, "response uses grpc-encoding \(encoding), which was not offered")
    }
    return nil
  }

  private static func outcome(trailers: [HeaderField], _ head: [HeaderField]) -> (Status, Metadata) {
    let metadata = (try? Metadata(received: trailers)) ?? [:]
    guard let text = trailers.first(where: { $0.name == "grpc-status" })?.value else {
      let code = head.first { $0.name == ":status" }?.value ?? ""
      return (code == "200" ? Status(.unknown, "no grpc-status in the trailers") : status(ofHTTP: code), metadata)
    }
    let message = trailers.first { $0.name == "grpc-message" }.map { PercentCoding.decode($0.value) } ?? ""
    return (Status(Int(text).flatMap(StatusCode.init) ?? .unknown, message), metadata)
  }

  /// gRPC's "HTTP to gRPC Status Code Mapping".
  static func status(ofHTTP code: String) -> Status {
    let grpc: StatusCode =
      switch code {
      case "400": .internalError
      case "401": .unauthenticated
      case "403": .permissionDenied
      case "404": .unimplemented
      case "429", "502", "503", "504": .unavailable
      default: .unknown
      }
    return Status(grpc, "HTTP status \(code)")
  }

  /// gRPC over HTTP/2, "Errors".
  static func status(of code: HTTP2ErrorCode) -> Status {
    switch code {
    case .refusedStream: Status(.unavailable, "the server refused the stream")
    case .cancel: Status(.cancelled, "cancelled by the server")
    case .enhanceYourCalm: Status(.resourceExhausted, "the server wants us to calm down")
    case .inadequateSecurity: Status(.permissionDenied, "the server finds the transport too weak")
    case .noError, .protocolError, .internalError, .flowControlError, .settingsTimeout, .frameSizeError,
      .compressionError,
      .connectError:
      Status(.internalError, "stream reset: \(code)")
    case .streamClosed, .http11Required: Status(.unknown, "stream reset: \(code)")
    }
  }
}
