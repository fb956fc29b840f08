internal import Synchronization

/// Symbols and their dense numbers: append-only, shared by all threads.
///
/// - Cost: a mutex and a dictionary look-up; event loops cache in front of it (architecture.md, "Routing").
package final class SymbolTable: Sendable {
  private struct Content {
    var ids: [String: SymbolID] = [:]
    var names: [String] = []
  }

  private let content = Mutex(Content())
  /// The most symbols it takes.
  package let capacity: Int

  package init(capacity: Int) { self.capacity = capacity }

  package var count: Int { content.withLock { $0.names.count } }

  /// The symbol's number, given at first sight; nil when the table is full.
  package func id(adding name: String) -> SymbolID? {
    content.withLock { content in
      if let id = content.ids[name] { return id }
      guard content.names.count < capacity else { return nil }
      let id = SymbolID(UInt32(content.names.count))
      content.ids[name] = id
      content.names.append(name)
      return id
    }
  }

  /// The number of a symbol seen before.
  package func id(of name: String) -> SymbolID? { content.withLock { $0.ids[name] } }

  /// A symbol's text; empty for a number that was never given.
  package func name(of id: SymbolID) -> String {
    content.withLock { $0.names.indices.contains(Int(id.index)) ? $0.names[Int(id.index)] : "" }
  }
}
