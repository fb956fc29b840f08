public import HTTP2

internal import struct MarketData.MonotonicNanos

/// One call, seen by its handler: what to answer, when to stop listening. Belongs to the connection's event loop.
///
/// Verbs after the end are no-ops, so whoever still holds a call that the client cancelled need not know.
public final class ServerCall: MessageStream {
  /// Of a status message as it goes out. Clients bound header lists, mostly at 8 or 16 KiB: a message that echoes much of the request must not
  /// cost them the status.
  private static let statusMessageBytesMax = 4_096

  package private(set) var head = CallHead(path: "")
  private unowned let connection: GRPCServerConnection
  private var handler: CallHandler?
  private var responseStarted = false

  init(connection: GRPCServerConnection, limits: MessageLimits) {
    self.connection = connection
    super.init(limits: limits)
  }

  /// The call has neither been finished nor ended by the peer.
  package var isActive: Bool { !isEnded && isOpen }

  // MARK: answering

  /// Sends the response's headers now instead of with the first message.
  package func sendInitialMetadata(_ metadata: Metadata = [:]) {
    guard isActive, !responseStarted else { return }
    responseStarted = true
    var fields = [HeaderField(":status", "200"), HeaderField("content-type", "application/grpc")]
    metadata.append(to: &fields)
    submitResponse(fields, endStream: false)
  }

  /// Queues one message; one copy.
  package func send(_ message: RawSpan) {
    guard isActive else { return }
    if !responseStarted { sendInitialMetadata() }
    enqueue(flag: 0, body: message)
  }

  package func send(_ message: [UInt8]) { send(message.span.bytes) }

  /// Ends the call: the status follows what has been sent. No callback comes after it.
  package func finish(_ status: Status, trailers: Metadata = [:]) {
    guard isActive else { return }
    finish(status, trailers: trailers, extra: [], discardingQueue: false)
  }

  // MARK: inside the target

  /// The deadline passed: what is not yet on the wire is dropped, or a full window would hold the status back for ever.
  func deadlinePassed() {
    guard isActive else { return }
    let handler = self.handler
    finish(Status(.deadlineExceeded, "deadline exceeded"), trailers: [:], extra: [], discardingQueue: true)
    handler?.onCancel(.deadlineExceeded)
  }

  override func messagesFailed(_ status: Status) {
    guard isActive else { return }
    let handler = self.handler
    // What arrives until the end is kept within the stream's window, and never delivered.
    pauseReceiving()
    if handler?.onRefusedMessage(status) == true { return }
    finish(status, trailers: [:], extra: [], discardingQueue: false)
    handler?.onCancel(.failed(status))
  }

  override func inputEnded() { handler?.onHalfClose() }

  public override func onHeaders(_ headers: [HeaderField], endStream: Bool, tooLarge: Bool) {
    guard handler == nil, !isEnded else {
      if endStream { finishInput() }  // trailers of a request say nothing in gRPC
      return
    }
    guard !tooLarge else {
      refuse(.status(Status(.resourceExhausted, "request headers are above max_header_list_bytes"), fields: []))
      return
    }
    do {
      head = try CallHead(request: headers, now: connection.now, peer: connection.peer)
    } catch {
      refuse(error)
      return
    }
    if let deadline = head.deadline {
      guard connection.now < deadline else {
        refuse(.status(Status(.deadlineExceeded, "deadline exceeded"), fields: []))
        return
      }
      connection.watch(self, until: deadline)
    }
    guard let accepted = connection.dispatcher.accept(head, call: self) else {
      finish(Status(.unimplemented, "unknown method \(head.path)"))
      return
    }
    guard isActive else { return }
    handler = accepted
    receiver = accepted
    if endStream { finishInput() }
  }

  public override func onClose(_ end: StreamEnd) {
    guard !isEnded else { return }
    let handler = self.handler
    conclude()
    handler?.onCancel(end == .connectionLost ? .connectionLost : .cancelled)
  }

  private func conclude() {
    endDelivery()
    handler = nil
    receiver = nil
    if head.deadline != nil { connection.unwatch() }
  }

  private func refuse(_ refusal: RequestRefusal) {
    switch refusal {
    case .status(let status, let fields): finish(status, trailers: [:], extra: fields, discardingQueue: false)
    case .http(let code, let fields):
      responseStarted = true
      conclude()
      submitResponse([HeaderField(":status", "\(code)")] + fields, endStream: true)
    }
  }

  private func finish(_ status: Status, trailers: Metadata, extra: [HeaderField], discardingQueue: Bool) {
    conclude()
    var fields: [HeaderField] = []
    if !responseStarted { fields = [HeaderField(":status", "200"), HeaderField("content-type", "application/grpc")] }
    fields.append(HeaderField("grpc-status", String(status.code.rawValue)))
    if !status.message.isEmpty {
      fields.append(
        HeaderField("grpc-message", PercentCoding.encode(status.message, limit: Self.statusMessageBytesMax)))
    }
    fields += extra
    trailers.append(to: &fields)
    if responseStarted {
      submitTrailers(fields, discardingQueue: discardingQueue)
    } else {
      responseStarted = true
      submitResponse(fields, endStream: true)
    }
  }
}
