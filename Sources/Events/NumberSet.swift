/// The numbers that a filter wants, of symbols or channels: a sorted list where they are few, one bit a number where that is smaller.
///
/// A number at or above `judged` is open: its name has not been looked at.
package struct NumberSet: Sendable {
  package private(set) var judged: UInt32 = 0
  private var sorted: [UInt32] = []
  private var bits: [UInt64] = []

  package init() {}

  /// - Parameter numbers: wanted, in any order, each once and below `judged`.
  init(_ numbers: [UInt32], judged: UInt32) {
    sorted = numbers.sorted()
    self.judged = judged
    useBitsIfSmaller()
  }

  /// Of the lists, as far as they are in use.
  var bytes: Int { sorted.count * 4 + bits.count * 8 }

  /// - Precondition: `number` is below `judged`.
  func contains(_ number: UInt32) -> Bool {
    if !bits.isEmpty {
      let word = Int(number >> 6)
      return word < bits.count && bits[word] >> UInt64(number & 63) & 1 == 1
    }
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low < sorted.count && sorted[low] == number
  }

  /// Notes that all numbers below `end` have been judged, of which those are wanted.
  mutating func judge(wanted: [UInt32], upTo end: UInt32) {
    judged = end
    guard !wanted.isEmpty else { return }
    if bits.isEmpty {
      sorted += wanted
    } else {
      for number in wanted { setBit(number) }
    }
    useBitsIfSmaller()
  }

  /// Whether one of the numbers has its bit set, at its place modulo the count of bits.
  func mayMeet(_ words: [UInt64]) -> Bool {
    if bits.isEmpty {
      return sorted.contains { words[SegmentSummary.word($0, words)] >> UInt64($0 & 63) & 1 == 1 }
    }
    return bits.indices.contains { bits[$0] & words[$0 & (words.count - 1)] != 0 }
  }

  private mutating func useBitsIfSmaller() {
    guard bits.isEmpty, sorted.count * 32 > Int(judged) else { return }
    let numbers = sorted
    sorted = []
    for number in numbers { setBit(number) }
  }

  private mutating func setBit(_ number: UInt32) {
    let word = Int(number >> 6)
    if word >= bits.count { bits.append(contentsOf: repeatElement(0, count: word + 1 - bits.count)) }
    bits[word] |= 1 << UInt64(number & 63)
  }
}
