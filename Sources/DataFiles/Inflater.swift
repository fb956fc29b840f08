internal import CZlib

/// One gzip stream, or several behind each other, or the bare data of a zip archive's file, by zlib.
final class Inflater {
  // The stream's address must stay: zlib keeps it.
  private let stream: UnsafeMutablePointer<z_stream>
  private(set) var isComplete = false
  private let isReady: Bool
  private let isBare: Bool
  /// Of bare data: its checksum so far, and the first bytes behind it.
  private(set) var checksum: UInt32 = 0
  private(set) var behind: [UInt8] = []

  init(isBare: Bool = false) {
    self.isBare = isBare
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    isReady = penstock_inflate_init(stream, isBare ? 1 : 0) == Z_OK
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Appends what a chunk holds; false where it is damaged.
  func inflate(_ chunk: [UInt8], into output: inout [UInt8]) -> Bool {
    guard isReady else { return false }
    if isBare, isComplete {
      behind += chunk.prefix(ZipArchive.behindBytes - behind.count)
      return true
    }
    var input = chunk
    return input.withUnsafeMutableBufferPointer { bytes in
      stream.pointee.next_in = bytes.baseAddress
      stream.pointee.avail_in = UInt32(bytes.count)
      while stream.pointee.avail_in > 0 {
        if isComplete, isBare {
          behind = Array(bytes.suffix(Int(stream.pointee.avail_in)).prefix(ZipArchive.behindBytes))
          return true
        }
        if isComplete {
          // Files may be put behind each other: each is a stream of its own.
          guard inflateReset(stream) == Z_OK else { return false }
          isComplete = false
        }
        guard step(into: &output) else { return false }
      }
      return true
    }
  }

  private func step(into output: inout [UInt8]) -> Bool {
    let room = 512 << 10
    let part = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      stream.pointee.next_out = buffer.baseAddress
      stream.pointee.avail_out = UInt32(room)
      let code = CZlib.inflate(stream, Z_NO_FLUSH)
      if code == Z_STREAM_END { isComplete = true }
      count = code == Z_OK || code == Z_STREAM_END ? room - Int(stream.pointee.avail_out) : 0
      hasFailed = code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR
    }
    if isBare {
      checksum = UInt32(part.withUnsafeBufferPointer { crc32(UInt(checksum), $0.baseAddress, UInt32($0.count)) })
    }
    output += part
    return !hasFailed
  }

  private var hasFailed = false
}
