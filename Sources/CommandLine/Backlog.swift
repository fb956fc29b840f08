internal import Synchronization

/// Counts what one task has handed to another that has not taken it yet, so that the first can wait for the second.
final class Backlog: Sendable {
  private static let pollNanos: UInt64 = 20_000_000

  private let max: Int
  private let waiting = Atomic(0)

  init(max: Int) { self.max = max }

  /// Counts one more as soon as there are fewer than `max`; at once in a cancelled task.
  func add() async {
    while waiting.load(ordering: .relaxed) >= max, !Task.isCancelled {
      try? await Task.sleep(nanoseconds: Self.pollNanos)
    }
    waiting.wrappingAdd(1, ordering: .relaxed)
  }

  func remove() { waiting.wrappingSubtract(1, ordering: .relaxed) }
}
