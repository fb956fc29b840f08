extension RawSpan {
  /// The byte at an offset; traps outside the span, as an array does.
  @inlinable
  package func byte(at offset: Int) -> UInt8 {
    unsafeLoad(fromByteOffset: offset, as: UInt8.self)  // any byte is a valid UInt8; the offset is checked
  }

  /// Four bytes in network order at any offset; traps outside the span.
  @inlinable
  package func bigEndianUInt32(at offset: Int) -> UInt32 {
    UInt32(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))  // checked; any bits are valid
  }

  /// A copy of the bytes.
  package func copied() -> [UInt8] {
    withUnsafeBytes { [UInt8]($0) }
  }
}

extension [UInt8] {
  /// Appends a span's bytes with one copy.
  @inlinable
  package mutating func append(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { append(contentsOf: $0) }
  }
}
