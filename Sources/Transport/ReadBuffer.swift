internal import NIOCore

/// One event loop's read buffer, lent to each read of its connections in turn.
///
/// SwiftNIO keeps a buffer for each channel as long as it lives; ten thousand idle connections would hold ten thousand of them.
final class ReadBuffer: @unchecked Sendable {
  // @unchecked: touched on its event loop only, by reads and by the handlers that they call.

  private static let bytes = 256 << 10
  private var kept: ByteBuffer?

  init() {}

  func take(_ allocator: ByteBufferAllocator) -> ByteBuffer {
    guard var buffer = kept else { return allocator.buffer(capacity: Self.bytes) }
    kept = nil  // or the read would copy it
    buffer.clear()
    return buffer
  }

  /// What has been read is used up.
  func giveBack(_ buffer: ByteBuffer) {
    if buffer.capacity >= Self.bytes { kept = buffer }
  }

  /// Gives a channel a small first buffer, which SwiftNIO keeps, and then the loop's. With one read a turn SwiftNIO keeps no other.
  struct Allocator: RecvByteBufferAllocator {
    /// A preface and settings fit in.
    private static let firstBytes = 256
    private let shared: ReadBuffer
    private var isFirst = true

    init(_ shared: ReadBuffer) { self.shared = shared }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
      isFirst ? allocator.buffer(capacity: Self.firstBytes) : shared.take(allocator)
    }

    /// - Returns: that the next buffer is larger, whereupon SwiftNIO asks for it instead of using the last one again.
    mutating func record(actualReadBytes: Int) -> Bool {
      isFirst = false
      return true
    }
  }
}
