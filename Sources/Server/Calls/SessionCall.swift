internal import Events
internal import GRPC
internal import HTTP2
internal import LockFree
internal import WireCodec

/// `Session(stream ClientFrame) returns (stream ServerFrame)`: publishing, one subscription and the metrics on one call.
///
/// Half-close ends the publishing; the call ends OK after the last acknowledgement, or goes on while it is subscribed or watching. When what begins
/// and ends decides its `SessionStateMachine`.
final class SessionCall: CallHandler, PublishOutput {
  private let call: ServerCall
  private let loop: LoopContext
  private var machine = SessionStateMachine()
  /// Names the publisher, when its first request comes.
  private var metadata = Metadata()
  private var stream: PublishStream?
  private var feed: SubscriptionFeed?
  private var feedOutput: FeedOutput?
  private var watch: MetricsWatch?
  private var frameNumber: UInt64 = 0

  init(call: ServerCall, loop: LoopContext) {
    self.call = call
    self.loop = loop
  }

  func begin(metadata: Metadata) {
    self.metadata = metadata
    loop.calls.add(self)
    handle(.began(isNamed: metadata["penstock-publisher"] != nil))
  }

  override func onMessage(_ message: RawSpan) {
    guard machine.isOpen else { return }
    frameNumber += 1
    if let range = loop.requests.publishRange(message) { return publish(message.extracting(range)) }
    do {
      switch try loop.requests.clientFrame(message) {
      case .publish(let request): publish(request.span.bytes)
      case .subscribe(let request): subscribe(request)
      case .unsubscribe: handle(.unsubscribeAsked)
      case .watchMetrics(let interval): watchMetrics(interval)
      case .stopMetrics: handle(.stopMetricsAsked)
      case .ping(let token): call.send(ServerFrames.pong(token: token))
      case .unknown:
        handle(.failed(Status(.invalidArgument, "frame \(frameNumber) holds nothing that this server knows")))
      }
    } catch {
      switch error {
      case .malformed(let reason):
        handle(.failed(Status(.invalidArgument, "frame \(frameNumber) is no valid ClientFrame: \(reason)")))
      case .tooManyItems, .arenaExhausted: handle(.failed(error.status))
      }
    }
    // Each of these frames may be answered: a client that asks and does not read would fill the memory with answers.
    if !call.isWritable { handle(.repliesUnread) }
  }

  override func onHalfClose() { handle(.halfClosed) }

  override func onRefusedMessage(_ status: Status) -> Bool {
    handle(.failed(status))
    return true
  }

  override func onCancel(_ reason: CallEnd) { handle(.lost) }

  override func onWritable() {
    stream?.writableAgain()
    // Before the subscription fills the queue again: with much to catch up on it would stop the publishing.
    if call.isWritable { handle(.repliesRead) }
    feed?.writableAgain()
  }

  /// The server drains.
  func drain() { handle(.drained(SharedState.draining)) }

  /// Something has happened to a channel. A client that does not read misses it: notices are no events.
  func notify(_ frame: [UInt8]) {
    if machine.isOpen, call.isWritable { call.send(frame) }
  }

  // MARK: - What the machine asks for

  private func handle(_ event: SessionStateMachine.Event) {
    for action in machine.handle(event) { perform(action) }
  }

  private func perform(_ action: SessionStateMachine.Action) {
    switch action {
    case .openStream: openStream()
    case .halfCloseStream: stream?.halfClosed()
    case .endStream(let status): stream?.end(with: status)
    case .loseStream:
      stream?.lost()
      stream = nil
    case .stopFeed: stopFeed()
    case .stopWatch: stopWatch()
    case .tellDraining:
      call.send(ServerFrames.notice(.draining, detail: "the server is draining; connect to another or try again"))
    case .pauseReceiving: call.pauseReceiving()
    case .resumeReceiving: call.resumeReceiving()
    case .close(let status):
      release()
      call.finish(status)
    case .release: release()
    }
  }

  private func release() {
    stopFeed()
    stopWatch()
    loop.calls.remove(self)
  }

  // MARK: - Publishing

  private func publish(_ request: RawSpan) {
    if stream == nil { handle(.publishAsked) }
    stream?.receive(request)
  }

  private func openStream() {
    switch loop.admission.publisher(metadata: metadata, peer: call.head.peer, budget: call.budget, output: self) {
    case .success(let stream):
      self.stream = stream
      handle(.streamBegan)
      stream.open()
    case .failure(let status): handle(.streamRefused(status))
    }
  }

  var isWritable: Bool { call.isWritable }

  func send(_ acknowledgement: Acknowledgement) { call.send(ServerFrames.ack(acknowledgement.encoded)) }

  /// The publishing is over: with OK the call may go on for its subscription, with an error it ends.
  func finish(_ status: Status) {
    stream = nil
    handle(.streamEnded(status))
  }

  func pauseReceiving() { handle(.streamPaused) }

  func resumeReceiving() { handle(.streamResumed) }

  // MARK: - Subscribing and watching

  private func subscribe(_ request: SubscriptionRequest) {
    let output = FeedOutput(session: self, id: request.subscriptionID, budget: call.budget)
    // One that cannot be leaves the running one as it is.
    switch loop.admission.feed(request, output: output, replacing: feed) {
    case .success(let feed):
      self.feed?.stop()
      self.feed = feed
      feedOutput = output
      call.keepQueueShort(SubscriptionQueue.bytes)
      handle(.feedBegan)
      feed.start()
    case .failure(let status):
      // One that is too long is refused, and would come back whole for each request.
      let id = request.subscriptionID.utf8.prefix(SubscriptionRequest.subscriptionIDBytesMax)
      tellEnd(of: String(decoding: id, as: UTF8.self), status)
    }
  }

  private func watchMetrics(_ interval: UInt32) {
    if let problem = MetricsWatch.problem(intervalMillis: interval) { return handle(.failed(problem)) }
    stopWatch()
    if let refusal = loop.admission.watch(peer: call.head.peer) {
      tellEnd(of: "", refusal)
      return handle(.stopMetricsAsked)
    }
    let watch = MetricsWatch(
      loop: loop, peer: call.head.peer, intervalMillis: interval, isWritable: { [call] in call.isWritable },
      send: { [call] in call.send($0.frame) }, finish: { _ in })
    self.watch = watch
    handle(.watchBegan)
    watch.start()
  }

  private func stopFeed() {
    feed?.stop()
    feed = nil
    feedOutput = nil
  }

  private func stopWatch() {
    watch?.stop()
    watch = nil
  }

  /// A subscription that cannot go on ends by itself; publishing goes on.
  private func tellEnd(of id: String, _ status: Status, last: String? = nil) {
    let detail =
      status.code.name + (status.message.isEmpty ? "" : ": \(status.message)")
      + (last.map { " (penstock-last-sequence \($0))" } ?? "")
    call.send(ServerFrames.notice(.subscriptionEnded, detail: detail, subscriptionID: id))
  }

  fileprivate func feedEnded(_ output: FeedOutput, _ status: Status, _ trailers: Metadata) {
    guard feedOutput === output else { return }
    tellEnd(of: output.id, status, last: trailers["penstock-last-sequence"])
    feed = nil
    feedOutput = nil
    handle(.feedEnded)
  }

  /// The way of this session's subscription to its client.
  fileprivate final class FeedOutput: SubscriptionOutput {
    private weak var session: SessionCall?
    let id: String
    let budget: BudgetHolder

    init(session: SessionCall, id: String, budget: BudgetHolder) {
      self.session = session
      self.id = id
      self.budget = budget
    }

    var peer: String { session?.call.head.peer ?? "" }
    var isWritable: Bool { session?.call.isWritable ?? false }
    var freeWindowBytes: Int { session?.call.freeWindowBytes ?? 0 }

    func send(_ response: [UInt8], last: UInt64) { session?.call.send(ServerFrames.subscription(response)) }

    /// Acknowledgements lie in between: all of it is sent.
    func discardQueue(last: UInt64) -> UInt64 { last }

    /// The call goes on: nothing of the subscription is left but its last words.
    func finish(_ status: Status, trailers: Metadata, onClosed: @escaping () -> Void) {
      session?.feedEnded(self, status, trailers)
      onClosed()
    }

    func reset() {}
  }
}
