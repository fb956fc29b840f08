/// Reads protobuf's wire format from memory that the caller keeps alive. Every read checks the bounds.
struct WireReader {
  private(set) var position: UnsafeRawPointer
  let end: UnsafeRawPointer

  init(_ bytes: UnsafeRawBufferPointer) {
    // An empty buffer may have no address: then both ends are the same arbitrary one, and nothing is ever read.
    position = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
    end = position + bytes.count
  }

  init(position: UnsafeRawPointer, end: UnsafeRawPointer) {
    self.position = position
    self.end = end
  }

  @inline(__always)
  var isAtEnd: Bool { position == end }

  @inline(__always)
  var remaining: Int { end - position }

  /// The next byte, left where it is; 0, which is no tag, at the end.
  @inline(__always)
  var peek: UInt8 { position < end ? position.load(as: UInt8.self) : 0 }

  @inline(__always)
  mutating func skip(_ count: Int) { position += count }

  /// A varint of up to ten bytes; nil where it is longer or cut off.
  @inline(__always)
  mutating func varint() -> UInt64? {
    guard position < end else { return nil }
    let first = position.load(as: UInt8.self)
    if first < 0x80 {
      position += 1
      return UInt64(first)
    }
    if end - position >= 2 {
      let second = (position + 1).load(as: UInt8.self)
      if second < 0x80 {
        position += 2
        return UInt64(first & 0x7F) | UInt64(second) << 7
      }
    }
    return longVarint()
  }

  @inline(never)
  private mutating func longVarint() -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < end, shift < 70 {
      let byte = position.load(as: UInt8.self)
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }

  @inline(__always)
  mutating func fixed64() -> UInt64? {
    guard remaining >= 8 else { return nil }
    defer { position += 8 }
    return position.loadUnaligned(as: UInt64.self)
  }

  /// A length and as many bytes.
  @inline(__always)
  mutating func bytes() -> WireReader? {
    guard let length = varint(), length <= UInt64(remaining) else { return nil }
    let inner = WireReader(position: position, end: position + Int(length))
    position = inner.end
    return inner
  }

  /// The next field of any message; nil at the end or where the bytes are no protobuf.
  mutating func field() -> (number: UInt64, value: Value)? {
    guard let tag = varint() else { return nil }
    switch tag & 7 {
    case 0: return varint().map { (tag >> 3, .varint($0)) }
    case 1: return fixed64().map { (tag >> 3, .fixed64($0)) }
    case 2: return bytes().map { (tag >> 3, .bytes($0)) }
    case 5:
      guard remaining >= 4 else { return nil }
      skip(4)
      return (tag >> 3, .fixed32)
    default: return nil
    }
  }

  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes(WireReader)
    case fixed32
  }
}
