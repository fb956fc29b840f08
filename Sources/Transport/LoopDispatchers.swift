internal import GRPC
internal import NIOCore
internal import Synchronization

/// One dispatcher for each event loop, made on it and used only there.
final class LoopDispatchers: Sendable {
  private let loops: [any EventLoop]
  private let make: @Sendable (Int, any EventLoop) -> any CallDispatcher
  private let bound = Mutex<[ObjectIdentifier: NIOLoopBound<any CallDispatcher>]>([:])

  init(loops: [any EventLoop], make: @escaping @Sendable (Int, any EventLoop) -> any CallDispatcher) {
    self.loops = loops
    self.make = make
  }

  func prepare() async throws {
    for (index, loop) in loops.enumerated() {
      let make = make
      let dispatcher = try await loop.submit { NIOLoopBound(make(index, loop), eventLoop: loop) }.get()
      bound.withLock { $0[ObjectIdentifier(loop)] = dispatcher }
    }
  }

  /// On the loop, after `prepare()`.
  func dispatcher(of loop: any EventLoop) -> any CallDispatcher {
    bound.withLock { $0[ObjectIdentifier(loop)] }?.value ?? NoMethods()
  }
}

/// Of a loop that was never prepared: knows no method.
private final class NoMethods: CallDispatcher {
  func accept(_ head: CallHead, call: ServerCall) -> CallHandler? { nil }
}
