internal import LockFree
internal import WireCodec

/// Tells every `Session` what happens to channels.
final class NoticeBoard: Sendable {
  private struct Target {
    weak var loops: Loops?
  }

  private let target = Guarded(Target())

  func connect(_ loops: Loops) { target.withLock { $0.loops = loops } }

  func post(_ code: ServerFrames.NoticeCode, channel: String, detail: String) {
    let frame = ServerFrames.notice(code, detail: detail, channel: channel)
    target.withLock { $0.loops }?.onEach { $0.notify(frame) }
  }
}
