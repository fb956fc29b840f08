internal import GRPC
internal import Synchronization
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

  init(call: ServerCall, loop: LoopContext) {
    self.call = call
    self.loop = loop
  }

  func begin() {
    if let refusal = loop.admission.replay(self) {
      isOver = true
      return call.finish(refusal)
    }
    let token = loop.calls.hold(self)
    let mailbox = loop.mailbox
    let shared = loop.shared
    job = ReplayJob(
      shared: shared,
      deliver: { responses, end in
        mailbox.post { ($0.calls.held(token) as? ReplayCall)?.deliver(responses, end) }
      },
      goOn: { mailbox.post { ($0.calls.held(token) as? ReplayCall)?.call.resumeReceiving() } },
      release: { shared.replays.wrappingAdd(-1, ordering: .relaxed) },
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
