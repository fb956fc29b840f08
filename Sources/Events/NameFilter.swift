internal import LockFree
internal import MarketData

/// The names that subscriptions want, of symbols or of channels, resolved to numbers. Shared by all subscriptions that ask for the same.
///
/// A name that nobody has used yet has no number: it is kept, and judged when the table grows.
/// - Cost: 4 bytes a known name or one bit a number of the table, whichever is less; about 20 bytes an unknown name. A number is judged once,
///   whoever asks.
package final class NameFilter: Sendable {
  private struct Content: Sendable {
    var wanted: NumberSet
    /// Exact names that had no number when the filter was made.
    var unknown: NameSet
    /// What the budget holds for the filter.
    var counted = 0
  }

  private let table: NameTable
  private let prefixes: NameSet
  /// Bit n: there is a prefix of n + 1 bytes.
  private let prefixLengths: UInt64
  private let content: Guarded<Content>
  private let holder: BudgetHolder
  private let onEnd: @Sendable () -> Void
  /// The filter's own object, its entry in the directory and the arrays' headers.
  private static let bytesBesideNames = 512

  /// Looks up each name once.
  /// - Parameters:
  ///   - names: exact ones, and prefixes that end in `*`, none of them `*` alone.
  ///   - onEnd: called when nobody uses it any more.
  /// - Throws: where the byte budget has no room for it.
  init(
    _ names: [String], in table: NameTable, holder: BudgetHolder, onEnd: @escaping @Sendable () -> Void
  ) throws(BudgetHolder.Refusal) {
    // Before the first look-up: a name that comes while we look is judged with the rest of the table.
    let judged = UInt32(table.count)
    var numbers: [UInt32] = []
    var unknown: [Substring] = []
    var prefixes: [Substring] = []
    for name in names {
      if name.utf8.last == UInt8(ascii: "*") {
        // `*` alone would be every name: subscriptions that want all have no filter.
        if name.utf8.count > 1 { prefixes.append(name.dropLast()) }
      } else if let number = table.number(of: name), number < judged {
        numbers.append(number)
      } else {
        unknown.append(name[...])
      }
    }
    // Prefixes may match any known name: all are open then.
    let wanted = prefixes.isEmpty ? NumberSet(numbers, judged: judged) : NumberSet()
    let open = prefixes.isEmpty ? unknown : names.filter { $0.utf8.last != UInt8(ascii: "*") }.map { $0[...] }
    var content = Content(wanted: wanted, unknown: NameSet(open))
    let prefixSet = NameSet(prefixes)
    content.counted = Self.bytesBesideNames + wanted.bytes + content.unknown.bytes + prefixSet.bytes
    if let refusal = holder.reserve(content.counted, .filters) { throw refusal }
    self.table = table
    self.holder = holder
    self.onEnd = onEnd
    self.prefixes = prefixSet
    prefixLengths = prefixes.reduce(0) { $0 | 1 << UInt64($1.utf8.count - 1) }
    self.content = Guarded(content)
  }

  deinit {
    holder.release(bytes, .filters)
    onEnd()
  }

  /// What the budget holds for it.
  package var bytes: Int { content.withLock { $0.counted } }

  /// What is judged so far.
  var wanted: NumberSet { content.withLock { $0.wanted } }

  /// Judges numbers until `number` is among them.
  /// - Parameter looks: how many names may be looked at; falls by what was.
  /// - Returns: what is judged then.
  func judge(_ number: UInt32, looks: inout Int) -> NumberSet {
    content.withLock { content in
      let count = UInt32(table.count)
      guard prefixLengths != 0 || !content.unknown.isEmpty else {
        content.wanted.judge(wanted: [], upTo: max(count, content.wanted.judged))
        return content.wanted
      }
      var found: [UInt32] = []
      var next = content.wanted.judged
      while next < count, next <= number, looks > 0 {
        looks -= Self.looksPerName
        if matches(table.name(of: next), content.unknown) { found.append(next) }
        next += 1
      }
      let before = content.wanted.bytes
      content.wanted.judge(wanted: found, upTo: next)
      // Whether it fits or not: the subscription runs, and its filter has to be true.
      let grown = content.wanted.bytes - before
      if grown > 0 {
        holder.add(grown, .filters)
        content.counted += grown
      }
      return content.wanted
    }
  }

  /// A name's look-up costs about as much as looking at so many entries of the log.
  static let looksPerName = 8

  private func matches(_ name: String, _ unknown: NameSet) -> Bool {
    if unknown.contains(name[...]) { return true }
    var lengths = prefixLengths
    while lengths != 0 {
      let length = lengths.trailingZeroBitCount + 1
      guard length <= name.utf8.count else { return false }
      if prefixes.contains(Substring(name.utf8.prefix(length))) { return true }
      lengths &= lengths - 1
    }
    return false
  }
}
