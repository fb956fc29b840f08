public import HTTP2
internal import LockFree

internal import struct MarketData.MonotonicNanos

/// One call, seen by its handler: what to answer, when to stop listening. Belongs to the connection's event loop.
///
/// Verbs after the end are no-ops, so whoever still holds a call that the client cancelled need not know.
public final class ServerCall: MessageStream {
  /// What an open call costs beside what it carries: its objects here, in its handler and in nghttp2.
  private static let openCallBytes = 2 << 10
  /// What a send queue may hold before a spent budget stops its handler.
  private static let queueBytesSpared = 16 << 10
  /// Of a status message as it goes out. Clients bound header lists, mostly at 8 or 16 KiB: a message that echoes much of the request must not
  /// cost them the status.
  private static let statusMessageBytesMax = 4_096

  package private(set) var head = CallHead(path: "")
  private unowned let connection: GRPCServerConnection
  private var handler: CallHandler?
  private var responseStarted = false
  /// What the budget holds for the send queue.
  private var output: BudgetShare
  /// What it holds for the call itself while it is open.
  private var headerBytes = 0
  private var keptBytes = 0

  init(connection: GRPCServerConnection, limits: MessageLimits) {
    self.connection = connection
    output = BudgetShare(of: limits.pendingBytes, .sendQueues)
    super.init(limits: limits)
  }

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
    if sendQueueBytes > output.counted { countQueue() }
  }

  package func send(_ message: [UInt8]) { send(message.span.bytes) }

  /// Sends the one response of a unary call and ends it. It counts among answers until the client has taken it; beyond the budget the client gets the
  /// reason instead.
  package func answer(_ message: [UInt8]) {
    guard isActive else { return }
    output = BudgetShare(of: budget, .answers)
    let size = message.count + Self.prefixBytes
    if let refusal = output.reserve(size), size > Self.sparedBytes || !isSpared {
      return finish(.refused(refusal, budget, .answers))
    }
    send(message)
    finish(.ok)
  }

  /// Called once, when the stream is gone, also after `finish`; at once where it is gone already.
  package var onClosed: (() -> Void)? {
    didSet {
      guard !isOpen, let onClosed else { return }
      self.onClosed = nil
      onClosed()
    }
  }

  /// Ends the stream without waiting for what is queued, the status too.
  package func cancel() { reset(.cancel) }

  /// Ends the call: the status follows what has been sent. No callback comes after it.
  package func finish(_ status: Status, trailers: Metadata = [:]) {
    guard isActive else { return }
    finish(status, trailers: trailers, extra: [], discardingQueue: false)
  }

  // MARK: inside the target

  /// The deadline passed: what is not yet on the wire is dropped, or a full window would hold the status back for ever.
  override func deadlinePassed() {
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

  override var isSpared: Bool { connection.openCalls <= 2 }

  override func unfinishedGrew() { connection.unfinishedGrew(self) }

  override func unfinishedEnded() { connection.unfinishedEnded(self) }

  /// Counts a send queue that has grown. While the budget is spent its handler is told to stop sooner than else.
  private func countQueue() {
    let queued = sendQueueBytes
    if output.reserve(queued) != nil {
      output.set(queued)
      if queued >= Self.queueBytesSpared { stopSending() }
    }
    queueMark = output.mark
  }

  public override func onQueueBelowMark() {
    output.set(sendQueueBytes)
    queueMark = output.mark
  }

  override func inputEnded() { handler?.onHalfClose() }

  public override func onHeaders(_ headers: [HeaderField], endStream: Bool, tooLarge: Bool) {
    guard handler == nil, !isEnded else {
      if endStream { finishInput() }  // trailers of a request say nothing in gRPC
      return
    }
    if let refusal = countHeaders() {
      refuse(.status(.refused(refusal, budget, .headers), fields: []))
      return
    }
    guard !tooLarge else {
      let limit = connection.session.configuration.maxHeaderListBytes
      refuse(
        .status(
          Status(.resourceExhausted, "request headers are above limits.max_header_list_bytes (\(limit) bytes)"),
          fields: []))
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
    // What only the choice of a handler needed goes: a client may send kilobytes of it with each of its calls.
    head.metadata = [:]
    head.authority = ""
    guard isActive else { return }
    handler = accepted
    receiver = accepted
    if endStream { finishInput() }
  }

  /// Counts what a handler keeps of a request while the call is open: a message that has been delivered counts nowhere else.
  /// - Returns: false where the budget is spent; the call has been finished then.
  package func keep(_ bytes: Int) -> Bool {
    if let refusal = budget.reserve(bytes, .messages) {
      finish(.refused(refusal, budget, .messages))
      return false
    }
    keptBytes += bytes
    return true
  }

  /// Counts the call while it is open, or says why there is no room for it.
  private func countHeaders() -> BudgetHolder.Refusal? {
    if let refusal = budget.reserve(Self.openCallBytes, .headers) {
      guard isSpared else { return refusal }
      budget.add(Self.openCallBytes, .headers)
    }
    headerBytes = Self.openCallBytes
    return nil
  }

  public override func onClose(_ end: StreamEnd) {
    budget.release(headerBytes, .headers)
    headerBytes = 0
    budget.release(keptBytes, .messages)
    keptBytes = 0
    output.clear()
    let onClosed = self.onClosed
    self.onClosed = nil
    defer { onClosed?() }
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
