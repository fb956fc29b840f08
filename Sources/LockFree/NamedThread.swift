internal import Foundation

/// A thread with a name that `top -H` and profilers show, and that can be waited for.
package final class NamedThread: Sendable {
  private let ended: DispatchSemaphore

  /// Starts at once.
  package init(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let ended = DispatchSemaphore(value: 0)
    self.ended = ended
    let thread = Thread {
      body()
      ended.signal()
    }
    // The kernel keeps 15 bytes of it.
    thread.name = String(name.prefix(15))
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// Waits for the end of the body. Once.
  package func join() { ended.wait() }
}
