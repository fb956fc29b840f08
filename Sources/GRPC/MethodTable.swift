/// Finds a call's handler by its path.
package final class MethodTable: CallDispatcher {
  package typealias Factory = (CallHead, ServerCall) -> CallHandler?

  private var factories: [String: Factory] = [:]

  package init() {}

  /// `path` is `/package.Service/Method`; the last registration wins.
  package func register(_ path: String, _ factory: @escaping Factory) { factories[path] = factory }

  package func registerUnary(_ path: String, _ respond: @escaping (RawSpan) -> Result<[UInt8], Status>) {
    register(path) { _, call in UnaryHandler(call, respond) }
  }

  package func accept(_ head: CallHead, call: ServerCall) -> CallHandler? { factories[head.path]?(head, call) }
}
