internal import Foundation

/// A thread with a name that `top -H` and profilers show, and that can be waited for.
public final class NamedThread: Sendable {
  private let ended: DispatchSemaphore

  /// Starts at once.
  public init(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let ended = DispatchSemaphore(value: 0)
    self.ended = ended
    let started = DispatchSemaphore(value: 0)
    let thread = Thread {
      // A thread can name only itself, and Foundation loses the name while `start` has not returned.
      started.wait()
      Thread.current.name = Self.kernelName(name)
      body()
      ended.signal()
    }
    thread.stackSize = 1 << 20
    thread.start()
    started.signal()
  }

  /// What the kernel keeps of a name: as much as fits 15 bytes, in whole characters.
  static func kernelName(_ name: String) -> String {
    var kept = name
    while kept.utf8.count > 15 { kept.removeLast() }
    return kept
  }

  /// Waits for the end of the body. Once.
  public func join() { ended.wait() }
}
