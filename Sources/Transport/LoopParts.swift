internal import GRPC
internal import NIOCore
internal import Synchronization

/// What the connections of one event loop share; made on it and used only there.
struct LoopParts {
  let dispatcher: any CallDispatcher
  let readBuffer: ReadBuffer
}

/// The parts of each event loop.
final class LoopPartsTable: Sendable {
  private let loops: [any EventLoop]
  private let make: @Sendable (Int, any EventLoop) -> any CallDispatcher
  private let bound = Mutex<[ObjectIdentifier: NIOLoopBound<LoopParts>]>([:])

  init(loops: [any EventLoop], make: @escaping @Sendable (Int, any EventLoop) -> any CallDispatcher) {
    self.loops = loops
    self.make = make
  }

  func prepare() async throws {
    for (index, loop) in loops.enumerated() {
      let make = make
      let parts = try await loop.submit {
        NIOLoopBound(LoopParts(dispatcher: make(index, loop), readBuffer: ReadBuffer()), eventLoop: loop)
      }.get()
      bound.withLock { $0[ObjectIdentifier(loop)] = parts }
    }
  }

  /// On the loop, after `prepare()`.
  func parts(of loop: any EventLoop) -> LoopParts {
    bound.withLock { $0[ObjectIdentifier(loop)] }?.value
      ?? LoopParts(dispatcher: NoMethods(), readBuffer: ReadBuffer())
  }
}

/// Of a loop that was never prepared: knows no method.
private final class NoMethods: CallDispatcher {
  func accept(_ head: CallHead, call: ServerCall) -> CallHandler? { nil }
}
