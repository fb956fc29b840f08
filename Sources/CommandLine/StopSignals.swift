internal import Dispatch
internal import Foundation
internal import Synchronization

/// SIGINT and SIGTERM: the first asks to stop, a second ends the process at once with code 130.
final class StopSignals: Sendable {
  private struct State {
    var count = 0
    var waiters: [CheckedContinuation<Void, Never>] = []
    var actions: [@Sendable () -> Void] = []
  }

  private let state = Mutex(State())
  /// A queue of its own has a thread whatever the others do: on one core the global one has none left while somebody waits.
  private let queue = DispatchQueue(label: "penstock.signals")
  // DispatchSource objects are thread-safe; they are only kept alive here.
  nonisolated(unsafe) private var sources: [any DispatchSourceSignal] = []

  /// Returns when signals count: none that is sent from then on is lost.
  init() {
    for number in [SIGINT, SIGTERM] { watch(number) { [weak self] in self?.received() } }
  }

  /// Dispatch takes a resumed source up some time later, and takes the signal over then; until then it has its default, which ends the
  /// process. Ignoring it instead would lose it, and a server that says it listens has to hear.
  private func watch(_ number: Int32, _ body: @escaping @Sendable () -> Void) {
    let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
    let isRegistered = DispatchSemaphore(value: 0)
    source.setEventHandler(handler: body)
    source.setRegistrationHandler { isRegistered.signal() }
    source.resume()
    sources.append(source)
    // Takes microseconds; the bound is for a machine that has no thread left to give.
    _ = isRegistered.wait(timeout: .now() + .seconds(10))
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

  /// Calls `body` at the first signal, wherever the command waits; at once where there has been one.
  func whenStopped(_ body: @escaping @Sendable () -> Void) {
    let isDue = state.withLock { state in
      if state.count == 0 { state.actions.append(body) }
      return state.count > 0
    }
    if isDue { body() }
  }

  /// Counts the end of standard input as a signal: whoever started the process holds the other end, and has ended, however that came about.
  func stopWhenInputEnds() {
    let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
    source.setEventHandler { [weak self] in
      var byte: UInt8 = 0
      guard read(STDIN_FILENO, &byte, 1) <= 0 else { return }
      source.cancel()
      self?.received()
    }
    source.resume()
  }

  /// Calls `body` at each SIGHUP.
  func onHangUp(_ body: @escaping @Sendable () -> Void) { watch(SIGHUP, body) }

  /// As a signal does.
  func stop() { received() }

  private func received() {
    let (count, waiters, actions) = state.withLock { state in
      state.count += 1
      defer {
        state.waiters.removeAll()
        state.actions.removeAll()
      }
      return (state.count, state.waiters, state.actions)
    }
    for action in actions { action() }
    for waiter in waiters { waiter.resume() }
    if count > 1 { Foundation.exit(130) }
  }
}
