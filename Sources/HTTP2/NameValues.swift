internal import CNghttp2

/// Lays header fields out as nghttp2 wants them, for one call: nghttp2 copies what it keeps.
///
/// One buffer for all bytes and one array of records; per header block, never per message.
func withNameValues<Result>(
  _ fields: [HeaderField], _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result
) -> Result {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count })
  for field in fields {
    bytes.append(contentsOf: field.name.utf8)
    bytes.append(contentsOf: field.value.utf8)
  }
  return bytes.withUnsafeMutableBufferPointer { buffer in
    // nghttp2_nv wants non-null pointers even for empty values; a block always has a name, so the buffer is never empty then.
    guard var cursor = buffer.baseAddress else { return body(nil, 0) }
    return withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: fields.count) { records in
      for (index, field) in fields.enumerated() {
        let name = field.name.utf8.count
        let value = field.value.utf8.count
        records[index] = nghttp2_nv(name: cursor, value: cursor + name, namelen: name, valuelen: value, flags: 0)
        cursor += name + value
      }
      return body(UnsafePointer(records.baseAddress), fields.count)
    }
  }
}
