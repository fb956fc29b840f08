/// Bytes on their way out: appended at the tail, taken from the head. Raw memory, because it is written and read inside C callbacks.
///
/// - Cost: appending copies once; taking moves an offset. Grows by doubling; gives memory above 256 KiB back when it runs empty.
/// - Owner: exactly one struct in raw memory, which calls `free()` once. Not thread-safe.
struct ByteQueue {
  private var base: UnsafeMutableRawPointer?
  private var capacity = 0
  private var head = 0
  private var tail = 0

  init() {}

  var count: Int { tail - head }
  var isEmpty: Bool { tail == head }

  /// The queued bytes. Valid until the next mutation.
  var bytes: UnsafeRawBufferPointer {
    guard let base else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: base + head, count: tail - head)
  }

  mutating func append(_ source: UnsafeRawBufferPointer) {
    guard let from = source.baseAddress, source.count > 0 else { return }
    reserve(source.count).copyMemory(from: from, byteCount: source.count)
    tail += source.count
  }

  mutating func append(_ source: [UInt8]) {
    source.withUnsafeBytes { append($0) }
  }

  /// Appends gRPC-shaped framing in one reservation: a flag byte, a big-endian length, the body.
  mutating func append(flag: UInt8, length: UInt32, body: UnsafeRawBufferPointer) {
    let target = reserve(5 + body.count)
    target.storeBytes(of: flag, as: UInt8.self)
    (target + 1).storeBytes(of: length.bigEndian, as: UInt32.self)  // storeBytes allows any alignment
    if let from = body.baseAddress { (target + 5).copyMemory(from: from, byteCount: body.count) }
    tail += 5 + body.count
  }

  /// Drops `size` bytes from the head; `size <= count`.
  mutating func removeFirst(_ size: Int) {
    assert(size <= count)
    head += size
    if head == tail { reset() }
  }

  /// Keeps the first `size` bytes only.
  mutating func truncate(to size: Int) {
    guard size < count else { return }
    tail = head + size
    if head == tail { reset() }
  }

  /// Frees the memory of an empty queue that has grown beyond a size.
  mutating func giveBack(above size: Int) {
    if isEmpty, capacity > size { free() }
  }

  mutating func free() {
    base?.deallocate()
    base = nil
    capacity = 0
    head = 0
    tail = 0
  }

  private mutating func reset() {
    head = 0
    tail = 0
    if capacity > 256 << 10 { free() }
  }

  /// Room for `size` bytes at the tail, whose address it returns; `tail` is not moved.
  private mutating func reserve(_ size: Int) -> UnsafeMutableRawPointer {
    if let base, capacity - tail >= size { return base + tail }
    let used = count
    if let base, capacity - used >= size, head >= used {
      // At least as much free in front as is queued: move down, amortised O(1), instead of growing.
      base.copyMemory(from: base + head, byteCount: used)
    } else {
      let grown = max(4096, (used + size).nextPowerOfTwo)
      let fresh = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
      if let base {
        fresh.copyMemory(from: base + head, byteCount: used)
        base.deallocate()
      }
      base = fresh
      capacity = grown
    }
    head = 0
    tail = used
    return base.unsafelyUnwrapped + tail  // set on both paths above
  }
}

extension Int {
  fileprivate var nextPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
