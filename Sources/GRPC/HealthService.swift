internal import CGRPCProto
internal import HTTP2

/// grpc.health.v1.Health for the calls of one event loop; what it says lies in the shared registry. Not thread-safe.
package final class HealthService {
  private final class Watcher {
    let call: ServerCall
    let service: String
    var lastSent: ServingStatus?

    init(_ call: ServerCall, _ service: String) {
      self.call = call
      self.service = service
    }
  }

  private let registry: HealthRegistry
  private var watchers: [ObjectIdentifier: Watcher] = [:]

  package init(registry: HealthRegistry) { self.registry = registry }

  package func register(in table: MethodTable) {
    table.registerUnary("/grpc.health.v1.Health/Check") { [registry] request in
      guard let service = Self.service(request) else { return .failure(Self.malformed) }
      guard let status = registry.status(of: service) else {
        return .failure(Status(.notFound, "unknown service \(service)"))
      }
      return .success(Self.response(status))
    }
    table.register("/grpc.health.v1.Health/Watch") { [weak self] _, call in
      let id = ObjectIdentifier(call)
      return ServerStreamingHandler(
        call,
        begin: { request in
          guard let service = Self.service(request) else {
            call.finish(Self.malformed)
            return
          }
          self?.watchers[id] = Watcher(call, service)
          self?.publish(to: id)
        },
        writable: { self?.publish(to: id) },
        cancelled: { _ in self?.watchers[id] = nil })
    }
  }

  /// Tells each watcher of this event loop what changed for it.
  package func publishChanges() {
    for id in watchers.keys { publish(to: id) }
  }

  /// Ends every watch of this event loop: the server is going.
  package func endWatches(with status: Status) {
    let ended = watchers.values.map(\.call)
    watchers = [:]
    for call in ended { call.finish(status) }
  }

  package var watcherCount: Int { watchers.count }

  /// A watcher that does not read hears the newest state only, when it reads again.
  private func publish(to id: ObjectIdentifier) {
    guard let watcher = watchers[id], watcher.call.isWritable else { return }
    let status = registry.status(of: watcher.service) ?? .serviceUnknown
    guard status != watcher.lastSent else { return }
    watcher.lastSent = status
    watcher.call.send(Self.response(status))
  }

  private static let malformed = Status(.invalidArgument, "not a HealthCheckRequest")

  private static func service(_ request: RawSpan) -> String? {
    // A watcher's name is kept, and told in a status: none that a server has is longer.
    guard request.byteCount <= 1_024 else { return nil }
    let bytes = request.copied()
    var name = [UInt8](repeating: 0, count: bytes.count)  // never longer than the message that carries it
    let count = grpc_health_read_request(bytes, bytes.count, &name, name.count)
    return count < 0 ? nil : String(decoding: name[..<count], as: UTF8.self)
  }

  private static func response(_ status: ServingStatus) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = grpc_health_write_response(status.rawValue, &bytes)
    return Array(bytes[..<count])
  }
}
