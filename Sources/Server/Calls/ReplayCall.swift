internal import GRPC
internal import MarketData
internal import WireCodec

/// `Replay(stream ReplayRequest) returns (stream ReplayResponse)`: hands requests to a thread of its own, and responses to the client as it takes them.
final class ReplayCall: CallHandler {
  /// At once, on the whole server.
  static let replaysMax = 2

  private let call: ServerCall
  private let loop: LoopContext
  private var job: ReplayJob?
  private var frameNumber: UInt64 = 0
  private var waiting: [[UInt8]] = []
  /// The status that follows what waits.
  private var end: Status?
  private var isOver = false
  /// A request could not be read: what follows it is not.
  private var isRefused = false
  private var idle: IdleWatch<Progress>

  /// What the client has brought and taken, as far as it shows whether it goes on.
  private struct Progress: Equatable {
    var frames: UInt64 = 0
    /// Of the message that has not come to its end.
    var unfinishedBytes = 0
    var responsesTaken: UInt64 = 0
  }

  private var progress = Progress()

  init(call: ServerCall, loop: LoopContext) {
    self.call = call
    self.loop = loop
    idle = IdleWatch(
      limitNanos: loop.shared.configuration.limits.idleReplayNanos, Progress(), at: loop.monotonicNow)
  }

  /// The connection that the call came by.
  var peer: String { call.head.peer }

  func begin() {
    if let refusal = loop.admission.replay(self) {
      isOver = true
      return call.finish(refusal)
    }
    let token = loop.calls.hold(self)
    let mailbox = loop.mailbox
    let shared = loop.shared
    let peer = peer
    job = ReplayJob(
      shared: shared,
      deliver: { responses, end in
        mailbox.post { ($0.calls.held(token) as? ReplayCall)?.deliver(responses, end) }
      },
      goOn: { mailbox.post { ($0.calls.held(token) as? ReplayCall)?.call.resumeReceiving() } },
      release: { shared.replays.giveBack(by: peer) },
      ended: { mailbox.post { _ = $0.calls.letGo(token) } })
  }

  override func onMessage(_ message: RawSpan) {
    guard !isOver, !isRefused, let job else { return }
    frameNumber += 1
    do throws(DecodeError) {
      switch try loop.requests.replay(message) {
      case .setup(let channels, let profiles): put(.setup(channels: channels, profiles: profiles), job)
      case .publish(let range):
        put(.publish(message.extracting(range).withUnsafeBytes { Array($0) }, number: frameNumber), job)
      case .unknown:
        refuse(Status(.invalidArgument, "request \(frameNumber) holds neither setup nor publish, or more than one"))
      }
    } catch {
      switch error {
      case .malformed(let reason):
        refuse(Status(.invalidArgument, "request \(frameNumber) is no valid ReplayRequest: \(reason)"))
      case .tooManyItems, .arenaExhausted: refuse(error.status)
      }
    }
  }

  override func onRefusedMessage(_ status: Status) -> Bool {
    guard !isOver, job != nil else { return false }
    refuse(status)
    return true
  }

  /// Ends the replay behind what came before.
  private func refuse(_ status: Status) {
    guard !isRefused else { return }
    isRefused = true
    _ = job?.put(.refused(status))
  }

  private func put(_ input: ReplayJob.Input, _ job: ReplayJob) {
    if job.put(input) { call.pauseReceiving() }
  }

  override func onHalfClose() { job?.complete() }

  override func onCancel(_ reason: CallEnd) { close() }

  override func onWritable() { flush() }

  func drain() { finish(SharedState.draining) }

  /// Each tick of the loop: a client that brings nothing and takes nothing must not keep others from their replays.
  func tick(now: MonotonicNanos) {
    guard !isOver, let job else { return }
    progress.frames = frameNumber
    progress.unfinishedBytes = call.unfinishedBytes
    guard idle.isIdle(progress, isWaiting: job.isWaitingForClient, at: now) else { return }
    finish(
      Status(
        .deadlineExceeded,
        "limits.idle_replay: no request came and no response was taken for \(DurationText.describe(idle.limitNanos))"))
  }

  private func deliver(_ responses: [[UInt8]], _ end: Status?) {
    guard !isOver else { return }
    waiting += responses
    self.end = end ?? self.end
    flush()
  }

  private func flush() {
    guard !isOver else { return }
    var count = 0
    var bytes = 0
    while count < waiting.count, call.isWritable {
      call.send(waiting[count])
      bytes += waiting[count].count
      count += 1
    }
    waiting.removeFirst(count)
    progress.responsesTaken += UInt64(count)
    if bytes > 0 { job?.sent(bytes) }
    if waiting.isEmpty, let end { finish(end) }
  }

  private func finish(_ status: Status) {
    guard !isOver else { return }
    close()
    call.finish(status)
  }

  private func close() {
    isOver = true
    job?.cancel()
    waiting = []
    loop.calls.remove(self)
  }
}
