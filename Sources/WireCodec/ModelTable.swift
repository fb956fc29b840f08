internal import MarketData

/// The names of fair values' models by number, never forgotten. Many threads may add and ask.
///
/// No name is a name too, with a place of its own beside the limit: who gives none is never turned away.
package final class ModelTable: Sendable {
  /// Names at most, the empty one not counted.
  package let limit: Int
  private let names: NameTable

  package init(limit: Int) {
    self.limit = limit
    names = NameTable(capacity: limit + 1)
    _ = names.number(adding: "")
  }

  /// - Returns: nil where the name is new and the table is full.
  package func number(adding name: String) -> UInt32? { names.number(adding: name) }

  /// Whether an item with this model would be taken now.
  package func hasRoom(for name: String) -> Bool { names.number(of: name) != nil || names.count < names.capacity }

  package func name(of number: UInt32) -> String { names.name(of: number) }
}
