internal import Foundation

/// A thread with a name that `top -H` and profilers show, and that can be waited for.
public final class NamedThread: Sendable {
  private let ended: DispatchSemaphore

  /// Starts at once.
  public init(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let ended = DispatchSemaphore(value: 0)
    self.ended = ended
    let thread = Thread {
      // A thread can name only itself; the kernel keeps 15 bytes of it.
      Thread.current.name = String(name.prefix(15))
      body()
      ended.signal()
    }
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// Waits for the end of the body. Once.
  public func join() { ended.wait() }
}
