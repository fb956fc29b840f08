internal import CNghttp2

/// Reads the header blocks that one peer sends, in order: HPACK's tables live as long as the connection.
package final class HeaderInflater {
  private var handle: OpaquePointer?

  package init() { nghttp2_hd_inflate_new(&handle) }

  deinit { nghttp2_hd_inflate_del(handle) }

  /// Nil when the block is malformed.
  package func inflate(_ block: [UInt8]) -> [(name: String, value: String)]? {
    var fields: [(name: String, value: String)] = []
    let isGood = block.withUnsafeBufferPointer { buffer in
      guard var cursor = buffer.baseAddress else { return true }
      var left = buffer.count
      while true {
        var field = nghttp2_nv()
        var flags: Int32 = 0
        let used = nghttp2_hd_inflate_hd2(handle, &field, &flags, cursor, left, 1)
        guard used >= 0 else { return false }
        cursor += used
        left -= used
        if UInt32(flags) & NGHTTP2_HD_INFLATE_EMIT.rawValue != 0 {
          let name = UnsafeBufferPointer(start: field.name, count: field.namelen)
          let value = UnsafeBufferPointer(start: field.value, count: field.valuelen)
          fields.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        }
        if UInt32(flags) & NGHTTP2_HD_INFLATE_FINAL.rawValue != 0 {
          nghttp2_hd_inflate_end_headers(handle)
          return true
        }
        if left == 0, UInt32(flags) & NGHTTP2_HD_INFLATE_EMIT.rawValue == 0 { return true }
      }
    }
    return isGood ? fields : nil
  }
}
