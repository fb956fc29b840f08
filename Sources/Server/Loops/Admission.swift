internal import Channels
internal import Events
internal import GRPC
internal import LockFree
internal import MarketData
internal import Synchronization
internal import WireCodec

/// Decides which calls of one event loop may begin, by the limits of the whole server. Belongs to the loop.
final class Admission {
  private unowned let loop: LoopContext
  private let shared: SharedState
  /// The server goes: nothing new begins.
  var isDraining = false

  init(loop: LoopContext) {
    self.loop = loop
    shared = loop.shared
  }

  /// A stream for a call, or why there cannot be one.
  /// - Parameters:
  ///   - peer: the connection that the call came by, for its share of the limit.
  ///   - budget: its part of the byte budget.
  func publisher(
    metadata: Metadata, peer: String, budget: BudgetHolder, output: any PublishOutput
  ) -> Result<PublishStream, Status> {
    guard !isDraining else { return .failure(SharedState.draining) }
    let name = metadata["penstock-publisher"]
    if let name, !PublisherDirectory.isValid(name) {
      return .failure(
        Status(
          .invalidArgument,
          "penstock-publisher is '\(name.prefix(80))'; must be 1 to 64 of a-z, 0-9, '-', '_', '.'"))
    }
    let memory = metadata["penstock-publisher-memory"]
    if let memory, memory != "stream" {
      return .failure(
        Status(.invalidArgument, "penstock-publisher-memory is '\(memory.prefix(80))'; must be 'stream' or left out"))
    }
    if let refusal = shared.publishStreams.take(for: peer) { return .failure(refusal) }
    return .success(
      loop.calls.addStream {
        PublishStream(
          slot: $0, loop: loop, output: output, publisher: name, forgetsName: memory != nil, holder: peer,
          budget: budget)
      })
  }

  /// A stream is over, and its last marker out.
  func retire(_ stream: PublishStream) {
    loop.ingress.forget(stream)
    loop.calls.remove(stream)
    shared.publishStreams.giveBack(by: stream.holder)
  }

  /// A subscription for a request, or why there cannot be one.
  func feed(_ message: RawSpan, output: any SubscriptionOutput) -> Result<SubscriptionFeed, Status> {
    do {
      return feed(try loop.requests.subscribe(message), output: output)
    } catch {
      return .failure(error.status)
    }
  }

  /// - Parameter running: the subscription that ends where this one begins.
  func feed(
    _ request: SubscriptionRequest, output: any SubscriptionOutput, replacing running: SubscriptionFeed? = nil
  ) -> Result<SubscriptionFeed, Status> {
    guard !isDraining else { return .failure(SharedState.draining) }
    let valid: SubscriptionRequest.Valid
    do {
      valid = try request.validated()
    } catch {
      return .failure(Status(.invalidArgument, "\(error)"))
    }
    if let refusal = shared.subscribers.take(for: output.peer, replacesOne: running != nil) { return .failure(refusal) }
    do throws(BudgetHolder.Refusal) {
      let filter = try SubscriptionFilter(
        request, symbols: shared.router.registry.symbols.names, channelNames: shared.router.names,
        directory: shared.filters, holder: output.budget)
      return .success(SubscriptionFeed(valid, filter: filter, loop: loop, output: output))
    } catch {
      shared.subscribers.giveBack(by: output.peer)
      return .failure(.refused(error, output.budget, .filters))
    }
  }

  /// Counts a watch of the metrics among the subscribers, or says why it cannot be; `MetricsWatch.stop` takes it out.
  /// - Parameter peer: the connection that the call came by, for its share of the limit.
  func watch(peer: String) -> Status? { isDraining ? SharedState.draining : shared.subscribers.take(for: peer) }

  /// Notes a replay, or says why no more may run.
  func replay(_ replay: ReplayCall) -> Status? {
    guard !isDraining else { return SharedState.draining }
    if let refusal = shared.replays.take(for: replay.peer) { return refusal }
    loop.calls.add(replay)
    loop.armTicker()
    return nil
  }
}
