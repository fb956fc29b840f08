internal import Foundation

/// The end of a thread that does something now and then: others announce it, the thread waits for it between two rounds.
public final class Ending: Sendable {
  private let signal = DispatchSemaphore(value: 0)

  public init() {}

  public func end() { signal.signal() }

  /// Waits; returns whether the end has been announced.
  public func wait(nanos: Int) -> Bool { signal.wait(timeout: .now() + .nanoseconds(nanos)) == .success }
}
