package import LockFree

/// A channel's settings. All but name, type and ring capacity may change while data flow.
package struct ChannelSettings: Equatable, Sendable {
  package var name: String
  package var type: ChannelType
  /// Items; a power of two.
  package var ringCapacity: Int
  package var overflow = OverflowPolicy.block
  package var batching: BatchingStrategy
  package var maxBatch: Int
  /// How long an item waits for its batch to fill, at most; of the strategies `size` and `time`.
  package var maxWaitNanos: Int64
  package var idle: IdleStrategy
  package var breaker = BreakerSettings()
  package var health = HealthSettings()
  /// Names of the profiles whose symbols it may take; empty = all.
  package var profiles: Set<String> = []

  package init(
    name: String, type: ChannelType = .tick, ringCapacity: Int = 65_536, batching: BatchingStrategy = .adaptive,
    maxBatch: Int = 1_024, maxWaitNanos: Int64 = 500_000, idle: IdleStrategy = .park
  ) {
    self.name = name
    self.type = type
    self.ringCapacity = ringCapacity
    self.batching = batching
    self.maxBatch = maxBatch
    self.maxWaitNanos = maxWaitNanos
    self.idle = idle
  }

  var sizer: BatchSizer {
    BatchSizer(strategy: batching, maxBatch: min(maxBatch, ringCapacity), maxWaitNanos: maxWaitNanos)
  }
}
