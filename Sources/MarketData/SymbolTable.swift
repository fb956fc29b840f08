/// The market's symbols and their dense numbers: append-only, shared by all threads. Cost: that of its `NameTable`.
public final class SymbolTable: Sendable {
  /// The symbols' texts by number, for those who know names only, such as a subscription's filter.
  public let names: NameTable

  /// - Parameter capacity: the most symbols it takes.
  public init(capacity: Int) { names = NameTable(capacity: capacity) }

  public var capacity: Int { names.capacity }
  public var count: Int { names.count }

  /// The symbol's number, given at first sight; nil when the table is full.
  public func id(adding name: String) -> SymbolID? { names.number(adding: name).map { SymbolID($0) } }

  /// The number of a symbol seen before.
  public func id(of name: String) -> SymbolID? { names.number(of: name).map { SymbolID($0) } }

  /// A symbol's text; empty for a number that was never given.
  public func name(of id: SymbolID) -> String { names.name(of: id.index) }
}
