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
  private(set) var conditionCount = 0
  private var indices: [UInt32] = []
  private var conditions: [UInt32] = []
  private var routes: [SymbolRoute?] = []

  func reset() {
    symbols.removeAll(keepingCapacity: true)
    timeCount = 0
    priceCount = 0
    sizeCount = 0
    indexCount = 0
    conditionCount = 0
  }

  var longest: Int { max(max(timeCount, priceCount), max(sizeCount, indexCount), conditionCount) }

  func index(_ item: Int) -> Int { Int(indices[item]) }

  func condition(_ item: Int) -> UInt32 { conditions[item] }

  func firstIndex(notBelow count: Int) -> Int? {
    var bad: Int?
    for item in 0..<indexCount where Int(indices[item]) >= count {
      bad = item
      break
    }
    return bad
  }

  func beginRoutes(_ count: Int) {
    routes.removeAll(keepingCapacity: true)
    for _ in 0..<count { routes.append(nil) }
  }

  func route(_ number: Int) -> SymbolRoute? { routes[number] }

  func setRoute(_ number: Int, _ route: SymbolRoute) { routes[number] = route }

  /// - Returns: false where the varints are none, exceed 32 bits, or are more than `limit`.
  func readIndices(_ packed: WireReader, limit: Int) -> Bool {
    guard let count = Self.read(packed, into: &indices, limit: limit) else { return false }
    indexCount = count
    return true
  }

  func readConditions(_ packed: WireReader, limit: Int) -> Bool {
    guard let count = Self.read(packed, into: &conditions, limit: limit) else { return false }
    conditionCount = count
    return true
  }

  func setIndices(_ values: UnsafeBufferPointer<UInt32>) {
    indices.removeAll(keepingCapacity: true)
    indices.append(contentsOf: values)
    indexCount = values.count
  }

  func setConditions(_ values: UnsafeBufferPointer<UInt32>) {
    conditions.removeAll(keepingCapacity: true)
    conditions.append(contentsOf: values)
    conditionCount = values.count
  }

  private static func read(_ packed: WireReader, into values: inout [UInt32], limit: Int) -> Int? {
    var reader = packed
    // A varint takes at least a byte, and no more than `limit` are read.
    let room = min(packed.remaining, limit)
    if values.count < room { values.append(contentsOf: repeatElement(0, count: room - values.count)) }
    var count = 0
    while !reader.isAtEnd {
      guard count < limit, let value = reader.varint(), value <= UInt64(UInt32.max) else { return nil }
      values[count] = UInt32(value)
      count &+= 1
    }
    return count
  }
}
