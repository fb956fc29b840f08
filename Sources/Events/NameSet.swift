/// A set of names in three flat arrays: a dozen bytes a name beside its text, where a `Set<String>` takes some 160.
///
/// - Cost: a look-up hashes the name, with the process's secret seed: names that somebody made up to collide do not.
struct NameSet: Sendable {
  private var text: [UInt8] = []
  /// Where each name's text ends.
  private var ends: [UInt32] = []
  /// Open addressing: a name's number plus one, 0 = free.
  private var slots: [UInt32] = []

  var count: Int { ends.count }
  var isEmpty: Bool { ends.isEmpty }
  var bytes: Int { text.count + 4 * (ends.count + slots.count) }

  init() {}

  init(_ names: some Collection<Substring>) {
    text.reserveCapacity(names.reduce(0) { $0 + $1.utf8.count })
    ends.reserveCapacity(names.count)
    var capacity = 4
    while capacity * 3 < names.count * 4 { capacity *= 2 }
    slots = Array(repeating: 0, count: capacity)
    for name in names { insert(name) }
  }

  func contains(_ name: Substring) -> Bool {
    guard !slots.isEmpty else { return false }
    return slots[slot(of: name)] != 0
  }

  private mutating func insert(_ name: Substring) {
    let slot = slot(of: name)
    guard slots[slot] == 0 else { return }
    text.append(contentsOf: name.utf8)
    ends.append(UInt32(text.count))
    slots[slot] = UInt32(ends.count)
  }

  /// The slot that holds a name, or the free one where it belongs. At least a quarter of the slots is free: the search ends.
  private func slot(of name: Substring) -> Int {
    var slot = name.hashValue & (slots.count - 1)
    while slots[slot] != 0, !isEqual(Int(slots[slot]) - 1, name) { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }

  private func isEqual(_ index: Int, _ name: Substring) -> Bool {
    let start = index == 0 ? 0 : Int(ends[index - 1])
    return text[start..<Int(ends[index])].elementsEqual(name.utf8)
  }
}
