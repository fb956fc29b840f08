internal import CPenstockProto
internal import CProtobufC

/// Memory for one message at a time: protobuf-c takes it piece by piece, and `reset()` gives all of it back at once.
///
/// protobuf-c can allocate more than it reads; the budget bounds that. It asks for nothing while a message takes the straight pass.
/// - Cost: a piece is an addition; the memory is the operating system's until it is first touched.
final class Arena {
  /// What the C callbacks see: a raw struct whose address stays.
  struct State {
    var base: UnsafeMutableRawPointer
    var capacity: Int
    var used = 0
    var isExhausted = false
  }

  private let state: UnsafeMutablePointer<State>
  private let allocator: UnsafeMutablePointer<ProtobufCAllocator>

  init(capacity: Int) {
    state = .allocate(capacity: 1)
    state.initialize(to: State(base: .allocate(byteCount: capacity, alignment: 16), capacity: capacity))
    allocator = .allocate(capacity: 1)
    allocator.initialize(
      to: ProtobufCAllocator(
        alloc: { context, size in
          // The context is the state that this arena owns; it outlives every unpack call.
          guard let state = context?.assumingMemoryBound(to: State.self) else { return nil }
          let rounded = (size + 15) & ~15
          guard rounded >= size, state.pointee.capacity - state.pointee.used >= rounded else {
            state.pointee.isExhausted = true
            return nil
          }
          defer { state.pointee.used += rounded }
          return state.pointee.base + state.pointee.used
        },
        free: { _, _ in },
        allocator_data: UnsafeMutableRawPointer(state)))
  }

  deinit {
    state.pointee.base.deallocate()
    state.deallocate()
    allocator.deallocate()
  }

  var capacity: Int { state.pointee.capacity }
  var isExhausted: Bool { state.pointee.isExhausted }

  func reset() {
    state.pointee.used = 0
    state.pointee.isExhausted = false
  }

  /// Unpacks one message by its generated function; what it points to is valid until `reset()`.
  func unpack<Message>(
    _ bytes: UnsafeRawBufferPointer,
    by unpack: (UnsafeMutablePointer<ProtobufCAllocator>?, Int, UnsafePointer<UInt8>?) -> UnsafeMutablePointer<Message>?
  ) -> UnsafeMutablePointer<Message>? {
    // protobuf-c takes a null pointer amiss even where the length is 0.
    withUnsafePointer(to: UInt8(0)) { empty in
      unpack(allocator, bytes.count, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? empty)
    }
  }
}
