internal import Synchronization

/// Symbols and their dense numbers: append-only, shared by all threads.
///
/// - Cost: a mutex and a dictionary look-up; event loops cache in front of it (architecture.md, "Routing").
public final class SymbolTable: Sendable {
  private struct Content {
    var ids: [String: SymbolID] = [:]
    var names: [String] = []
  }

  private let content = Mutex(Content())
  /// The most symbols it takes.
  public let capacity: Int

  public init(capacity: Int) { self.capacity = capacity }

  public var count: Int { content.withLock { $0.names.count } }

  /// The symbol's number, given at first sight; nil when the table is full.
  public func id(adding name: String) -> SymbolID? {
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
  public func id(of name: String) -> SymbolID? { content.withLock { $0.ids[name] } }

  /// A symbol's text; empty for a number that was never given.
  public func name(of id: SymbolID) -> String {
    content.withLock { $0.names.indices.contains(Int(id.index)) ? $0.names[Int(id.index)] : "" }
  }
}
