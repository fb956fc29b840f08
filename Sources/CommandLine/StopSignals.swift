internal import Dispatch
internal import Foundation
internal import Synchronization

/// SIGINT and SIGTERM: the first asks to stop, a second ends the process at once with code 130.
final class StopSignals: Sendable {
  private struct State {
    var count = 0
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  // DispatchSource objects are thread-safe; they are only kept alive here.
  nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []

  init() {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [weak self] in self?.received() }
      source.resume()
      sources.append(source)
    }
  }

  var hasStopped: Bool { state.withLock { $0.count > 0 } }

  /// Returns at the first signal.
  func first() async {
    await withCheckedContinuation { continuation in
      let isDue = state.withLock { state in
        if state.count == 0 { state.waiters.append(continuation) }
        return state.count > 0
      }
      if isDue { continuation.resume() }
    }
  }

  /// Counts the end of standard input as a signal: whoever started the process holds the other end, and has ended, however that came about.
  func stopWhenInputEnds() {
    let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .global())
    source.setEventHandler { [weak self] in
      var byte: UInt8 = 0
      guard read(STDIN_FILENO, &byte, 1) <= 0 else { return }
      source.cancel()
      self?.received()
    }
    source.resume()
  }

  /// Calls `body` at each SIGHUP.
  func onHangUp(_ body: @escaping @Sendable () -> Void) {
    signal(SIGHUP, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
    source.setEventHandler(handler: body)
    source.resume()
    sources.append(source)
  }

  /// As a signal does.
  func stop() { received() }

  private func received() {
    let (count, waiters) = state.withLock { state in
      state.count += 1
      defer { state.waiters.removeAll() }
      return (state.count, state.waiters)
    }
    for waiter in waiters { waiter.resume() }
    if count > 1 { Foundation.exit(130) }
  }
}
