/// What protobuf makes of a oneof that a message gives more than once: parts of the same member are merged, another member replaces what was there.
///
/// protobuf-c keeps the last part only. Encoders never write such messages; whoever joins encoded messages does.
enum OneofParts {
  /// - Parameter members: the field numbers of the oneof, all of them messages.
  /// - Returns: the same message with the oneof's one value in one field behind the others; nil where it is given once at most, and where the
  ///   bytes are no protobuf.
  /// - Cost: a walk over the top fields; a copy where there is something to merge.
  static func merged(_ bytes: UnsafeRawBufferPointer, members: ClosedRange<UInt64>) -> [UInt8]? {
    var reader = WireReader(bytes)
    var count = 0
    while !reader.isAtEnd {
      guard let (number, value) = reader.field() else { return nil }
      guard members.contains(number) else { continue }
      guard case .bytes = value else { return nil }
      count += 1
    }
    guard count > 1 else { return nil }
    var writer = WireWriter()
    var member: UInt64 = 0
    var parts: [UInt8] = []
    reader = WireReader(bytes)
    while !reader.isAtEnd {
      let start = reader.position
      guard let (number, value) = reader.field() else { return nil }
      guard members.contains(number), case .bytes(let part) = value else {
        writer.bytes += UnsafeRawBufferPointer(start: start, count: reader.position - start)
        continue
      }
      if number != member { parts.removeAll() }
      member = number
      // Encoded messages are merged by joining their bytes.
      parts += UnsafeRawBufferPointer(start: part.position, count: part.remaining)
    }
    writer.raw(Int(member), parts)
    return writer.bytes
  }
}
