internal import GRPC

/// Finds the handlers of one event loop's calls, and makes each entry of a connection into them one turn.
final class LoopDispatcher: CallDispatcher {
  private let methods: MethodTable
  private let ingress: Ingress

  init(_ methods: MethodTable, ingress: Ingress) {
    self.methods = methods
    self.ingress = ingress
  }

  func accept(_ head: CallHead, call: ServerCall) -> CallHandler? { methods.accept(head, call: call) }

  func turnBegan() { ingress.beginTurn() }

  func turnEnded() { ingress.endTurn() }
}
