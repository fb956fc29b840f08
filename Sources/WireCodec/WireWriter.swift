/// Writes protobuf's wire format. Fields at their default are left out, as proto3 does; `always…` forms keep them.
struct WireWriter {
  var bytes: [UInt8] = []

  init(reserving capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  init(appendingTo bytes: consuming [UInt8]) { self.bytes = bytes }

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func unsigned(_ number: Int, _ value: UInt64) {
    guard value != 0 else { return }
    varint(UInt64(number) << 3)
    varint(value)
  }

  mutating func enumeration(_ number: Int, _ value: UInt8) { unsigned(number, UInt64(value)) }

  mutating func boolean(_ number: Int, _ value: Bool) { unsigned(number, value ? 1 : 0) }

  mutating func fixed(_ number: Int, _ value: Int64) {
    guard value != 0 else { return }
    alwaysFixed(number, UInt64(bitPattern: value))
  }

  mutating func double(_ number: Int, _ value: Double) {
    // Minus zero is not the default: its bits are told.
    guard value.bitPattern != 0 else { return }
    alwaysFixed(number, value.bitPattern)
  }

  mutating func alwaysFixed(_ number: Int, _ bits: UInt64) {
    varint(UInt64(number) << 3 | 1)
    withUnsafeBytes(of: bits.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func text(_ number: Int, _ value: String) {
    guard !value.isEmpty else { return }
    alwaysText(number, value)
  }

  mutating func alwaysText(_ number: Int, _ value: String) {
    varint(UInt64(number) << 3 | 2)
    varint(UInt64(value.utf8.count))
    bytes.append(contentsOf: value.utf8)
  }

  mutating func raw(_ number: Int, _ value: [UInt8]) {
    varint(UInt64(number) << 3 | 2)
    varint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// A submessage, present even when empty.
  mutating func message(_ number: Int, _ body: (inout WireWriter) -> Void) {
    var inner = WireWriter()
    body(&inner)
    raw(number, inner.bytes)
  }
}
