internal import Channels

/// One `TickColumns` message laid out for reading: pointers into the message for its fixed columns, unpacked ones for its varints.
///
/// Kept from message to message; pointers are valid while the message is.
final class ColumnScratch {
  private static var nothing: UnsafeRawPointer { UnsafeRawPointer(bitPattern: 8).unsafelyUnwrapped }

  var symbols: [UnsafeRawBufferPointer] = []
  var times = nothing
  var timeCount = 0
  var prices = nothing
  var priceCount = 0
  var sizes = nothing
  var sizeCount = 0
  private(set) var indexCount = 0
  private(set) var largestIndex = 0
  private(set) var conditionCount = 0
  private var indices: [UInt32] = []
  private var conditions: [UInt32] = []
  private var routes: [SymbolRoute?] = []
  /// The end of the memory that the names lie in, where they lie in one piece.
  private var namesEnd: UnsafeRawPointer?

  func reset(namesEnd: UnsafeRawPointer?) {
    self.namesEnd = namesEnd
    symbols.removeAll(keepingCapacity: true)
    timeCount = 0
    priceCount = 0
    sizeCount = 0
    indexCount = 0
    largestIndex = 0
    conditionCount = 0
  }

  var longest: Int { max(max(timeCount, priceCount), max(sizeCount, indexCount), conditionCount) }

  func index(_ item: Int) -> Int { Int(indices[item]) }

  func condition(_ item: Int) -> UInt32 { conditions[item] }

  /// - Precondition: `largestIndex` is not below `count`.
  func firstIndex(notBelow count: Int) -> Int { indices[..<indexCount].firstIndex { $0 >= count } ?? 0 }

  /// Looks up every name, with how many bytes may be read from its first on (0 = not known).
  @inline(__always)
  func setRoutes(_ find: (_ symbol: UnsafeRawBufferPointer, _ readable: Int) -> SymbolRoute?) {
    routes.removeAll(keepingCapacity: true)
    for symbol in symbols {
      let readable = namesEnd.flatMap { end in symbol.baseAddress.map { end - $0 } } ?? 0
      routes.append(find(symbol, readable))
    }
  }

  func route(_ number: Int) -> SymbolRoute? { routes[number] }

  func setRoute(_ number: Int, _ route: SymbolRoute) { routes[number] = route }

  /// - Returns: false where the varints are none, exceed 32 bits, or are more than `limit`.
  func readIndices(_ packed: WireReader, limit: Int) -> Bool {
    guard let (count, largest) = Self.read(packed, into: &indices, limit: limit) else { return false }
    (indexCount, largestIndex) = (count, Int(largest))
    return true
  }

  func readConditions(_ packed: WireReader, limit: Int) -> Bool {
    guard let (count, _) = Self.read(packed, into: &conditions, limit: limit) else { return false }
    conditionCount = count
    return true
  }

  func setIndices(_ values: UnsafeBufferPointer<UInt32>) {
    indices.removeAll(keepingCapacity: true)
    indices.append(contentsOf: values)
    indexCount = values.count
    largestIndex = Int(values.max() ?? 0)
  }

  func setConditions(_ values: UnsafeBufferPointer<UInt32>) {
    conditions.removeAll(keepingCapacity: true)
    conditions.append(contentsOf: values)
    conditionCount = values.count
  }

  private static func read(_ packed: WireReader, into values: inout [UInt32], limit: Int) -> (
    count: Int, largest: UInt32
  )? {
    var reader = packed
    // A varint takes at least a byte, and no more than `limit` are read.
    let room = min(packed.remaining, limit)
    if values.count < room { values.append(contentsOf: repeatElement(0, count: room - values.count)) }
    var count = 0
    var largest: UInt32 = 0
    while !reader.isAtEnd {
      guard count < limit, let value = reader.varint(), value <= UInt64(UInt32.max) else { return nil }
      values[count] = UInt32(truncatingIfNeeded: value)
      largest = max(largest, UInt32(truncatingIfNeeded: value))
      count &+= 1
    }
    return (count, largest)
  }
}
