internal import Channels
internal import LockFree
internal import Logging
internal import WireCodec

/// Tells every `Session` what happens to channels.
final class NoticeBoard: Sendable {
  private struct Target {
    weak var loops: Loops?
  }

  private let target = Guarded(Target())
  private let logger = Logger(label: "penstock.channels")

  func connect(_ loops: Loops) { target.withLock { $0.loops = loops } }

  /// What a channel's breaker has done.
  func tell(_ control: ChannelControl, _ transition: CircuitBreaker.Transition) {
    let name = control.name
    switch transition {
    case .opened(let cause):
      logger.warning("channel '\(name)': breaker OPEN: \(cause)")
      post(.breakerOpened, channel: name, detail: "channel '\(name)': breaker OPEN: \(cause)")
    case .halfOpened:
      logger.notice("channel '\(name)': breaker HALF_OPEN, probing")
    case .closed:
      logger.notice("channel '\(name)': breaker CLOSED")
      post(.breakerClosed, channel: name, detail: "channel '\(name)': breaker CLOSED")
    case .wouldOpen(let cause):
      logger.warning("channel '\(name)' is the last of its type and starts again after a rest: \(cause)")
    }
  }

  func post(_ code: ServerFrames.NoticeCode, channel: String, detail: String) {
    let frame = ServerFrames.notice(code, detail: detail, channel: channel)
    target.withLock { $0.loops }?.onEach { $0.calls.notify(frame) }
  }
}
