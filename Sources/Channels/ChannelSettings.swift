package import LockFree
internal import MarketData
package import Settings

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

extension ChannelSettings: KeyedSettings {
  package mutating func keys(_ channel: SettingsSection) {
    channel.value("name", .text(ChannelName.rule, where: ChannelName.isValid), into: &name, isRequired: true)
    channel.value("type", ChannelType.form, into: &type, note: "tick, bar or fmv.")
    channel.value(
      "ring_capacity", .powerOfTwo(upTo: 1 << 24), into: &ringCapacity,
      note: "Items; a power of two. Each takes 64 bytes, a bar 112, a fair value 72.")
    channel.choice(
      "overflow", into: &overflow,
      note:
        "While the ring is full, block makes publishers wait and loses nothing; drop_newest, drop_oldest and conflate (the newest of each symbol is kept) lose what the acknowledgements tell."
    )
    channel.section("batching") { part in
      part.choice(
        "strategy", into: &batching,
        note:
          "immediate: whatever is there; adaptive: grows with the ring's depth, shrinks when idle; size: full batches, or what is there after max_wait_us; time: what came in max_wait_us. docs/operations.md says when to use which."
      )
      part.integer("max_batch", in: 1...65_536, into: &maxBatch)
      var micros = maxWaitNanos / 1_000
      part.integer("max_wait_us", in: 1...1_000_000, into: &micros)
      maxWaitNanos = micros * 1_000
    }
    channel.section("breaker", note: "When the channel stops and its symbols move to a sibling.", into: &breaker)
    channel.section("health", note: "When the channel counts as degraded.", into: &health)
    channel.choice(
      "wait", into: &idle,
      note: "How an idle worker waits: park (sleeps), yield, or spin (burns a core, saves microseconds).")
    var names = profiles.sorted()
    channel.list(
      "profiles", .text(), into: &names, note: "Profiles whose symbols this channel may take; empty = all.")
    profiles = Set(names)
  }
}

extension ChannelType {
  package var configurationName: String {
    switch self {
    case .tick: "tick"
    case .bar: "bar"
    case .fairMarketValue: "fmv"
    }
  }

  package static var form: SettingsForm<ChannelType> { .choice(allCases.map { ($0.configurationName, $0) }) }
}
