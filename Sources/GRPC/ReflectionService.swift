internal import CGRPCProto
internal import HTTP2

/// grpc.reflection v1 and v1alpha (the same on the wire) over descriptor sets. Immutable; one for all event loops.
package final class ReflectionService: Sendable {
  private let index: DescriptorIndex

  /// The services of these serialized `FileDescriptorSet`s are what the server offers; `builtInDescriptorSet` names health and reflection.
  package init(descriptorSets: [[UInt8]]) {
    index = DescriptorIndex(descriptorSets: descriptorSets)
  }

  /// Serialized `FileDescriptorSet` of grpc.health.v1 and grpc.reflection.
  package static func builtInDescriptorSet() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: grpc_descriptor_set_size)
    grpc_descriptor_set_copy(&bytes)
    return bytes
  }

  package func register(in table: MethodTable) {
    for version in ["v1", "v1alpha"] {
      table.register("/grpc.reflection.\(version).ServerReflection/ServerReflectionInfo") { [self] _, call in
        Handler(self, call)
      }
    }
  }

  /// The response to one request; nil when the request is no such message.
  func answer(_ request: [UInt8]) -> [UInt8]? {
    guard let answer = grpc_reflection_read(request, request.count) else { return nil }
    defer { grpc_reflection_free(answer) }
    let text = String(cString: grpc_reflection_text(answer))
    switch grpc_reflection_asks(answer) {
    case Int32(GRPC_ASKS_FILE_BY_NAME.rawValue): addFiles(answer, text, "file \(text)")
    case Int32(GRPC_ASKS_FILE_BY_SYMBOL.rawValue): addFiles(answer, index.file(declaring: text), "symbol \(text)")
    case Int32(GRPC_ASKS_FILE_BY_EXTENSION.rawValue):
      fail(answer, .notFound, "no extension \(grpc_reflection_extension_number(answer)) of \(text)")
    case Int32(GRPC_ASKS_EXTENSION_NUMBERS.rawValue):
      // Our protos extend nothing, so a known type has an empty list.
      if index.contains(message: text) {
        grpc_reflection_set_extensions(answer, text)
      } else {
        fail(answer, .notFound, "no message \(text)")
      }
    case Int32(GRPC_ASKS_SERVICES.rawValue):
      for service in index.services { grpc_reflection_add_service(answer, service) }
    default: fail(answer, .invalidArgument, "the request asks nothing")
    }
    var bytes = [UInt8](repeating: 0, count: grpc_reflection_size(answer))
    grpc_reflection_write(answer, &bytes)
    return bytes
  }

  private func addFiles(_ answer: OpaquePointer, _ name: String?, _ what: String) {
    guard let name, let files = index.filesNeeded(for: name) else {
      fail(answer, .notFound, "no \(what)")
      return
    }
    for file in files { grpc_reflection_add_file(answer, file, file.count) }
  }

  private func fail(_ answer: OpaquePointer, _ code: StatusCode, _ message: String) {
    grpc_reflection_set_error(answer, Int32(code.rawValue), message)
  }

  /// Answers question for question, and stops listening while the client does not read.
  private final class Handler: CallHandler {
    private let service: ReflectionService
    private let call: ServerCall

    init(_ service: ReflectionService, _ call: ServerCall) {
      self.service = service
      self.call = call
    }

    override func onMessage(_ message: RawSpan) {
      guard let answer = service.answer(message.copied()) else {
        call.finish(Status(.invalidArgument, "not a ServerReflectionRequest"))
        return
      }
      call.send(answer)
      if !call.isWritable { call.pauseReceiving() }
    }

    override func onWritable() { call.resumeReceiving() }

    override func onHalfClose() { call.finish(.ok) }
  }
}
