/// What a channel does with items while its ring is full. Raw values are the configuration's.
package enum OverflowPolicy: String, CaseIterable, Sendable {
  /// The publisher waits; nothing is lost.
  case block
  case dropNewest = "drop_newest"
  case dropOldest = "drop_oldest"
  /// The newest of each symbol is kept, in the place of the one it replaces.
  case conflate
}
