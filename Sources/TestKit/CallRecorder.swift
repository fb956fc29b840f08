package import GRPC

/// Serves every path by a recording handler and keeps them all for the test to look at.
package final class CallRecorder: CallDispatcher {
  package private(set) var handlers: [RecordingHandler] = []
  package private(set) var heads: [CallHead] = []
  package var prepare: (RecordingHandler) -> Void = { _ in }

  package init(_ prepare: @escaping (RecordingHandler) -> Void = { _ in }) { self.prepare = prepare }

  package func accept(_ head: CallHead, call: ServerCall) -> CallHandler? {
    let handler = RecordingHandler(call)
    prepare(handler)
    heads.append(head)
    handlers.append(handler)
    return handler
  }
}
