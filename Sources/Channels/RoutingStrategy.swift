/// Which channel takes a symbol at first sight; there it stays. Raw values are the configuration's.
package enum RoutingStrategy: String, CaseIterable, Sendable {
  /// By rendezvous hashing of the names: the same place on every run.
  case symbolHash = "symbol_hash"
  /// One after the other.
  case roundRobin = "round_robin"
  /// The channel whose ring is emptiest, then the one with fewest symbols.
  case leastLoaded = "least_loaded"
  /// The healthiest channel, then the least loaded.
  case healthiest
  /// By a seeded generator: the same places for the same order of arrival.
  case random
}
