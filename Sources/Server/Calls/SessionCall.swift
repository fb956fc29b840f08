internal import Events
internal import GRPC
internal import WireCodec

/// `Session(stream ClientFrame) returns (stream ServerFrame)`: publishing, one subscription and the metrics on one call.
///
/// Half-close ends the publishing; the call ends OK after the last acknowledgement, or goes on while it is subscribed or watching.
final class SessionCall: CallHandler, PublishOutput {
  private let call: ServerCall
  private let loop: LoopContext
  private var metadata = Metadata()
  private var stream: PublishStream?
  private var feed: SubscriptionFeed?
  private var feedOutput: FeedOutput?
  private var watch: MetricsWatch?
  private var frameNumber: UInt64 = 0
  private var hasHalfClosed = false
  /// Who wants nothing to come in for now: the publishing, and replies that the client does not read.
  private var isPausedByStream = false
  private var isPausedForReplies = false
  /// Set once the call must end: the status it ends with when nothing is left to acknowledge.
  private var ending: Status?

  init(call: ServerCall, loop: LoopContext) {
    self.call = call
    self.loop = loop
  }

  func begin(metadata: Metadata) {
    self.metadata = metadata
    loop.calls.add(self)
    // A named publisher hears where to resume before it sends anything.
    if metadata["penstock-publisher"] != nil { _ = publisher() }
  }

  override func onMessage(_ message: RawSpan) {
    guard ending == nil else { return }
    frameNumber += 1
    if let range = loop.requests.publishRange(message) {
      publisher()?.receive(message.extracting(range))
      return
    }
    do {
      switch try loop.requests.clientFrame(message) {
      case .publish(let request): publisher()?.receive(request.span.bytes)
      case .subscribe(let request): subscribe(request)
      case .unsubscribe: stopFeed()
      case .watchMetrics(let interval): watchMetrics(interval)
      case .stopMetrics: stopWatch()
      case .ping(let token): call.send(ServerFrames.pong(token: token))
      case .unknown: end(Status(.invalidArgument, "frame \(frameNumber) holds nothing that this server knows"))
      }
    } catch {
      switch error {
      case .malformed(let reason):
        end(Status(.invalidArgument, "frame \(frameNumber) is no valid ClientFrame: \(reason)"))
      case .tooManyItems, .arenaExhausted: end(error.status)
      }
    }
    // Each of these frames may be answered: a client that asks and does not read would fill the memory with answers.
    if !call.isWritable, ending == nil {
      isPausedForReplies = true
      call.pauseReceiving()
    }
  }

  override func onHalfClose() {
    hasHalfClosed = true
    if let stream { stream.halfClosed() } else { endIfDone() }
  }

  override func onRefusedMessage(_ status: Status) -> Bool {
    end(status)
    return true
  }

  override func onCancel(_ reason: CallEnd) {
    stream?.lost()
    stream = nil
    release()
  }

  override func onWritable() {
    stream?.writableAgain()
    // Before the subscription fills the queue again: with much to catch up on it would stop the publishing.
    if isPausedForReplies, call.isWritable {
      isPausedForReplies = false
      resumeIfWanted()
    }
    feed?.pump()
  }

  /// The server drains: the client is told; what it has published is acknowledged, and its subscription gets every event, before the end.
  func drain() {
    guard ending == nil else { return }
    call.send(ServerFrames.notice(.draining, detail: "the server is draining; connect to another or try again"))
    ending = SharedState.draining
    watch?.stop()
    watch = nil
    if let stream { stream.end(with: SharedState.draining) } else { closeIfEnded() }
  }

  /// Something has happened to a channel. A client that does not read misses it: notices are no events.
  func notify(_ frame: [UInt8]) {
    if ending == nil, call.isWritable { call.send(frame) }
  }

  // MARK: - Publishing

  /// This call's stream, made at first need; nil where it cannot be, which ends the call.
  private func publisher() -> PublishStream? {
    if let stream { return stream }
    switch loop.admission.publisher(metadata: metadata, output: self) {
    case .success(let stream):
      self.stream = stream
      stream.open()
      return self.stream
    case .failure(let status):
      end(status)
      return nil
    }
  }

  var isWritable: Bool { call.isWritable }

  func send(_ acknowledgement: Acknowledgement) { call.send(ServerFrames.ack(acknowledgement.encoded)) }

  /// The publishing is over: with OK the call may go on for its subscription, with an error it ends.
  func finish(_ status: Status) {
    stream = nil
    if ending != nil { return closeIfEnded() }
    if status.code == .ok { endIfDone() } else { close(status) }
  }

  func pauseReceiving() {
    isPausedByStream = true
    call.pauseReceiving()
  }

  func resumeReceiving() {
    isPausedByStream = false
    resumeIfWanted()
  }

  private func resumeIfWanted() {
    if !isPausedByStream, !isPausedForReplies { call.resumeReceiving() }
  }

  // MARK: - Subscribing and watching

  private func subscribe(_ request: SubscriptionRequest) {
    let output = FeedOutput(session: self, id: request.subscriptionID)
    // One that cannot be leaves the running one as it is.
    switch loop.admission.feed(request, output: output, replacing: feed) {
    case .success(let feed):
      self.feed?.stop()
      self.feed = feed
      feedOutput = output
      feed.start()
    case .failure(let status):
      // One that is too long is refused, and would come back whole for each request.
      let id = request.subscriptionID.utf8.prefix(SubscriptionRequest.subscriptionIDBytesMax)
      notify(ended: String(decoding: id, as: UTF8.self), status)
    }
  }

  private func watchMetrics(_ interval: UInt32) {
    if let problem = MetricsWatch.problem(intervalMillis: interval) { return end(problem) }
    stopWatch()
    let watch = MetricsWatch(
      loop: loop, intervalMillis: interval, isWritable: { [call] in call.isWritable },
      send: { [call] in call.send(ServerFrames.metrics($0)) }, finish: { _ in })
    self.watch = watch
    watch.start()
  }

  private func stopFeed() {
    feed?.stop()
    feed = nil
    feedOutput = nil
    endIfDone()
  }

  private func stopWatch() {
    watch?.stop()
    watch = nil
    endIfDone()
  }

  /// A subscription that cannot go on ends by itself; publishing goes on.
  private func notify(ended id: String, _ status: Status, last: String? = nil) {
    let detail =
      status.code.name + (status.message.isEmpty ? "" : ": \(status.message)")
      + (last.map { " (penstock-last-sequence \($0))" } ?? "")
    call.send(ServerFrames.notice(.subscriptionEnded, detail: detail, subscriptionID: id))
  }

  fileprivate func feedEnded(_ output: FeedOutput, _ status: Status, _ trailers: Metadata) {
    guard feedOutput === output else { return }
    notify(ended: output.id, status, last: trailers["penstock-last-sequence"])
    feed = nil
    feedOutput = nil
    closeIfEnded()
    endIfDone()
  }

  // MARK: - The end

  private func end(_ status: Status) {
    guard ending == nil else { return }
    ending = status
    feed?.stop()
    feed = nil
    if let stream { stream.end(with: status) } else { close(status) }
  }

  private func closeIfEnded() {
    if let ending, stream == nil, feed == nil { close(ending) }
  }

  private func endIfDone() {
    guard hasHalfClosed, stream == nil, feed == nil, watch == nil, ending == nil else { return }
    close(.ok)
  }

  private func close(_ status: Status) {
    release()
    call.finish(status)
  }

  private func release() {
    feed?.stop()
    watch?.stop()
    feed = nil
    watch = nil
    loop.calls.remove(self)
  }

  /// The way of this session's subscription to its client.
  fileprivate final class FeedOutput: SubscriptionOutput {
    private weak var session: SessionCall?
    let id: String

    init(session: SessionCall, id: String) {
      self.session = session
      self.id = id
    }

    var peer: String { session?.call.head.peer ?? "" }
    var isWritable: Bool { session?.call.isWritable ?? false }

    func send(_ response: [UInt8]) { session?.call.send(ServerFrames.subscription(response)) }

    func finish(_ status: Status, trailers: Metadata) { session?.feedEnded(self, status, trailers) }
  }
}
