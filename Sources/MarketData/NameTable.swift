internal import Synchronization

/// Names and their dense numbers: append-only, shared by all threads.
///
/// - Cost: a mutex and a dictionary look-up; event loops cache in front of it (architecture.md, "The way of a tick").
public final class NameTable: Sendable {
  private struct Content {
    var numbers: [String: UInt32] = [:]
    var names: [String] = []
  }

  private let content = Mutex(Content())
  /// The most names it takes.
  public let capacity: Int

  public init(capacity: Int) { self.capacity = capacity }

  public var count: Int { content.withLock { $0.names.count } }

  /// The name's number, given at first sight; nil when the table is full.
  public func number(adding name: String) -> UInt32? {
    content.withLock { content in
      if let number = content.numbers[name] { return number }
      guard content.names.count < capacity else { return nil }
      let number = UInt32(content.names.count)
      content.numbers[name] = number
      content.names.append(name)
      return number
    }
  }

  /// The number of a name seen before.
  public func number(of name: String) -> UInt32? { content.withLock { $0.numbers[name] } }

  /// A name's text; empty for a number that was never given.
  public func name(of number: UInt32) -> String {
    content.withLock { $0.names.indices.contains(Int(number)) ? $0.names[Int(number)] : "" }
  }
}
