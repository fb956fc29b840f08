/// How many items a worker takes at once.
package enum BatchingStrategy: String, CaseIterable, Sendable {
  /// Whatever is there, up to the limit.
  case immediate
  /// A limit that doubles while batches come full and halves while they come nearly empty: short batches keep latency low when little
  /// arrives, long ones keep the cost per item low when much does.
  case adaptive
}

/// Decides the next batch's limit. Pure.
package struct BatchSizer: Equatable, Sendable {
  private static let adaptiveMin = 32

  private let strategy: BatchingStrategy
  private let maxBatch: Int
  package private(set) var limit: Int

  package init(strategy: BatchingStrategy, maxBatch: Int) {
    self.strategy = strategy
    self.maxBatch = max(1, maxBatch)
    limit = strategy == .adaptive ? min(Self.adaptiveMin, self.maxBatch) : self.maxBatch
  }

  /// Notes how many items the batch just taken had.
  package mutating func took(_ count: Int) {
    guard strategy == .adaptive else { return }
    if count >= limit {
      limit = min(maxBatch, limit * 2)
    } else if count < limit / 4 {
      limit = max(min(Self.adaptiveMin, maxBatch), limit / 2)
    }
  }
}
