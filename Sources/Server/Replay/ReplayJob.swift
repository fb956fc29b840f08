internal import Channels
internal import Dispatch
internal import GRPC
internal import Glibc
internal import LockFree
internal import MarketData
internal import WireCodec

/// One replay on a thread of its own, below live work: takes requests from its call, hands responses back; both ways wait where the other is slow.
final class ReplayJob: Sendable {
  enum Input: Sendable {
    case setup(channels: [SpecRequest], profiles: [SpecRequest])
    /// With its number among the call's requests.
    case publish([UInt8], number: UInt64)
    /// A request that could not be read: what came before it is acknowledged, then this is the end.
    case refused(Status)

    /// In memory, so that empty ones cost something too.
    var bytes: Int {
      switch self {
      case .setup, .refused: 64
      case .publish(let request, _): 64 + request.count
      }
    }
  }

  private struct Content: Sendable {
    var inputs: [Input] = []
    /// Of the inputs.
    var bytes = 0
    /// The caller waits until it is told to go on.
    var isPaused = false
    /// No more inputs will come.
    var isComplete = false
    var isCancelled = false
    /// Bytes handed back that the client has not taken.
    var unsent = 0
    /// The thread has nothing to do before the client brings or takes something.
    var isWaiting = false
  }

  /// Bytes that wait, each way, before the other side waits.
  private static let waitingMax = 4 << 20
  /// Niceness of the thread: live work goes first.
  private static let niceness: Int32 = 10

  private let content = Guarded(Content())
  private let news = DispatchSemaphore(value: 0)
  private let deliver: @Sendable (_ responses: [[UInt8]], _ end: Status?) -> Void
  private let goOn: @Sendable () -> Void
  private let release: @Sendable () -> Void

  /// - Parameters:
  ///   - deliver: takes responses in order, with the last ones the status.
  ///   - goOn: called when more may be put after `put` has said to wait.
  ///   - release: called once, before the status leaves: whoever has it may begin the next replay.
  ///   - ended: called once, when the thread has nothing more to do.
  init(
    shared: SharedState, deliver: @escaping @Sendable ([[UInt8]], Status?) -> Void,
    goOn: @escaping @Sendable () -> Void, release: @escaping @Sendable () -> Void, ended: @escaping @Sendable () -> Void
  ) {
    self.deliver = deliver
    self.goOn = goOn
    self.release = release
    _ = NamedThread("replay") { [self] in
      // Of this thread alone, on Linux.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
      var stream = ReplayStream(shared: shared)
      if !run(&stream) { release() }
      content.withLock { $0.isWaiting = true }
      ended()
    }
  }

  // MARK: - The call

  /// - Returns: whether to wait before the next.
  func put(_ input: Input) -> Bool {
    let mustWait = content.withLock { content in
      content.inputs.append(input)
      content.bytes += input.bytes
      content.isPaused = content.bytes > Self.waitingMax
      return content.isPaused
    }
    news.signal()
    return mustWait
  }

  func complete() {
    content.withLock { $0.isComplete = true }
    news.signal()
  }

  func cancel() {
    content.withLock { $0.isCancelled = true }
    news.signal()
  }

  /// Whether it is the client's turn, to bring requests or to take responses.
  var isWaitingForClient: Bool { content.withLock { $0.isWaiting } }

  /// The client has taken so many bytes of what was delivered.
  func sent(_ bytes: Int) {
    content.withLock { $0.unsent -= bytes }
    news.signal()
  }

  // MARK: - The thread

  /// - Returns: whether it has ended by a status, and been released.
  private func run(_ stream: inout ReplayStream) -> Bool {
    while let (inputs, isLast) = take() {
      for (index, input) in inputs.enumerated() {
        do throws(ReplayStream.Refusal) {
          try stream.take(input) { hand($0) }
        } catch {
          release()
          hand(stream.acknowledgement(), end: error.status)
          return true
        }
        if isCancelled { return false }
        if (index + 1) % AcknowledgementLedger.requestsPerResponse == 0 { hand(stream.acknowledgement()) }
      }
      hand(stream.acknowledgement())
      guard isLast else { continue }
      let summary: [[UInt8]]
      var end = Status.ok
      do throws(ReplayStream.Refusal) {
        summary = [ReplayResponses.summary(try stream.finish())]
      } catch {
        summary = []
        end = error.status
      }
      release()
      hand(summary, end: end)
      return true
    }
    return false
  }

  private var isCancelled: Bool { content.withLock { $0.isCancelled } }

  /// What has come; nil once the call is gone.
  private func take() -> (inputs: [Input], isLast: Bool)? {
    while true {
      var mayGoOn = false
      let found = content.withLock { content -> (inputs: [Input], isLast: Bool)? in
        content.isWaiting = content.inputs.isEmpty && !content.isComplete
        guard !content.isCancelled, !content.isWaiting else { return nil }
        let inputs = content.inputs
        content.inputs = []
        content.bytes = 0
        mayGoOn = content.isPaused
        content.isPaused = false
        return (inputs, content.isComplete)
      }
      if mayGoOn { goOn() }
      if let found { return found }
      if isCancelled { return nil }
      news.wait()
    }
  }

  /// Waits while the client leaves too much unread.
  private func hand(_ responses: [[UInt8]], end: Status? = nil) {
    guard !responses.isEmpty || end != nil else { return }
    content.withLock { $0.unsent += responses.reduce(0) { $0 + $1.count } }
    deliver(responses, end)
    while end == nil, mustWaitForTaking { news.wait() }
  }

  private var mustWaitForTaking: Bool {
    content.withLock { content in
      content.isWaiting = content.unsent > Self.waitingMax
      return content.isWaiting && !content.isCancelled
    }
  }
}
