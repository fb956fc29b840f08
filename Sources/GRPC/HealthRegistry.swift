internal import Synchronization

/// What grpc.health.v1 says about a service; numbered as on the wire.
package enum ServingStatus: Int32, Sendable {
  case unknown = 0
  case serving, notServing
  /// Only ever said to a watcher.
  case serviceUnknown
}

/// The state of each service, for every event loop and thread of a process. The empty name is the server as a whole.
package final class HealthRegistry: Sendable {
  private struct State {
    var statuses: [String: ServingStatus]
    var observers: [@Sendable () -> Void] = []
  }

  private let state: Mutex<State>

  /// All services, and the server as a whole, begin with the same status.
  package init(services: [String], status: ServingStatus = .serving) {
    let names = services + [""]
    state = Mutex(State(statuses: Dictionary(names.map { ($0, status) }, uniquingKeysWith: { first, _ in first })))
  }

  /// Nil for a service that nobody has set.
  package func status(of service: String) -> ServingStatus? { state.withLock { $0.statuses[service] } }

  package func set(_ status: ServingStatus, for service: String) {
    change { $0[service] = status }
  }

  /// Every service at once: NOT_SERVING when the server drains.
  package func setAll(_ status: ServingStatus) {
    change { statuses in
      for service in statuses.keys { statuses[service] = status }
    }
  }

  /// Called after each change, on the thread that made it: whoever owns event loops has each call `HealthService.publishChanges`.
  package func observe(_ changed: @escaping @Sendable () -> Void) { state.withLock { $0.observers.append(changed) } }

  private func change(_ body: (inout [String: ServingStatus]) -> Void) {
    let observers = state.withLock { state in
      body(&state.statuses)
      return state.observers
    }
    for observer in observers { observer() }  // outside the lock: an observer may ask
  }
}
