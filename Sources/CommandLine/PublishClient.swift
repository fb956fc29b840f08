internal import GRPC
internal import NIOCore
internal import NIOPosix
internal import Server
internal import Synchronization
internal import Transport
internal import WireCodec

/// A named publisher that survives lost connections: keeps what is not acknowledged, and sends it again where the server says it stopped.
///
/// `send` waits while too much is unacknowledged, so memory is bounded by `inFlightMax` requests. `stop()` ends every wait, from any thread.
final class PublishClient: Sendable {
  private struct State {
    var ledger = PublishLedger()
    var call: CallBox?
    var transport: ClientTransport?
    var waiters: [CheckedContinuation<Void, Never>] = []
    var ended: Status?
    /// Whether the present call has had its first response, with the point to resume at.
    var hasBegun = false
    /// That first response was refused by the ledger.
    var fault: PublishLedger.NameIsTaken?
    var blockedBy: Acknowledgement.Blocked?
    var reconnects = 0
    var isRested = false
    var isStopped = false
    /// Set when the patience of a stopped publisher is at its end.
    var hasGivenUp = false
  }

  private let address: ListenAddress
  private let name: String
  private let forgetsName: Bool
  private let group: any EventLoopGroup
  private let inFlightMax: Int
  private let note: @Sendable (String) -> Void
  // A call is touched on its event loop only; the mutex guards everything else.
  private let state = Mutex(State())

  /// - Parameters:
  ///   - forgetsName: nobody will publish under the name again: at a good end the server forgets it, since names are limited.
  ///   - note: hears of lost connections.
  init(
    address: ListenAddress, name: String, forgetsName: Bool = false, group: any EventLoopGroup, inFlightMax: Int = 512,
    note: @escaping @Sendable (String) -> Void = Output.note
  ) {
    self.address = address
    self.name = name
    self.forgetsName = forgetsName
    self.group = group
    self.inFlightMax = inFlightMax
    self.note = note
  }

  var acked: UInt64 { state.withLock { $0.ledger.acked } }
  var blockedBy: Acknowledgement.Blocked? { state.withLock { $0.blockedBy } }
  var reconnects: Int { state.withLock { $0.reconnects } }
  var rejections: [Acknowledgement.Rejection] { state.withLock { $0.ledger.rejections } }
  /// What the next request has to be numbered.
  var nextSequence: UInt64 { state.withLock { $0.ledger.lastSequence + 1 } }

  /// Without what is still unacknowledged.
  var ledger: PublishLedger { state.withLock { $0.ledger } }

  /// Connects and hears where to resume.
  func open() async throws {
    let transport = try await start()
    await wait { $0.hasBegun || $0.ended != nil || $0.isStopped }
    if let ended = state.withLock({ $0.hasBegun ? nil : $0.ended }) {
      await transport.close()
      throw ServerConnection.refusal(ended, address)
    }
  }

  /// Sends one request under `nextSequence`; connects again and repeats what is due where the connection was lost.
  func send(items: Int, _ bytes: [UInt8]) async throws {
    try await reconnectIfLost()
    let (transport, call) = state.withLock { state in
      state.ledger.add(items: items, bytes)
      return (state.transport, state.call)
    }
    if let call { Self.post(bytes, on: call, transport) }
    let limit = inFlightMax
    await wait { $0.ledger.unacknowledged.count < limit || $0.ended != nil || $0.isStopped }
    try await reconnectIfLost()
  }

  /// Waits until everything is acknowledged, then half-closes and waits for the end; returns early when it is stopped.
  func finish() async throws {
    while !state.withLock({ $0.isStopped }) {
      // Half-closed before, the call could end and its name be forgotten while answers are lost on their way: requests sent again would count twice.
      await wait { $0.ledger.unacknowledged.isEmpty || $0.ended != nil || $0.isStopped }
      halfClose()
      await wait { $0.ended != nil || $0.isStopped }
      if state.withLock({ $0.ended != nil && $0.ledger.unacknowledged.isEmpty }) { break }
      try await reconnectIfLost()
    }
    if !state.withLock({ $0.isStopped }) { await close() }
  }

  /// Ends what is waited for: `send` and `finish` return, and no connection is taken up again.
  func stop() { change { $0.isStopped = true } }

  /// After `stop()`: waits for acknowledgements as long as they come, at most for `nanos`, and gives up what is left.
  func giveUp(within nanos: UInt64) async {
    halfClose()
    let patience = Task {
      try? await Task.sleep(nanoseconds: nanos)
      self.change { $0.hasGivenUp = true }
    }
    await wait { $0.ended != nil || $0.blockedBy != nil || $0.hasGivenUp }
    patience.cancel()
    await close()
  }

  private func close() async { await state.withLock { $0.transport }?.close() }

  private func halfClose() {
    let (transport, call) = state.withLock { ($0.transport, $0.call) }
    if let call, let transport { transport.perform { _ in call.call.halfClose() } }
  }

  private func start() async throws -> ClientTransport {
    let transport = try await ServerConnection.connect(address, group)
    state.withLock { state in
      state.ended = nil
      state.hasBegun = false
      state.blockedBy = nil
      state.transport = transport
    }
    let (name, forgetsName) = (name, forgetsName)
    transport.perform { connection in
      var metadata = Metadata()
      metadata.add("penstock-publisher", name)
      if forgetsName { metadata.add("penstock-publisher-memory", "stream") }
      let call = connection.start(
        "/penstock.v1.MarketStream/Publish", metadata: metadata, handler: Handler(client: self))
      let box = CallBox(call: call)
      self.state.withLock { $0.call = box }
    }
    return transport
  }

  private func reconnectIfLost() async throws {
    let (ended, fault, isStopped, left) = state.withLock {
      ($0.ended, $0.fault, $0.isStopped, $0.ledger.unacknowledged.count)
    }
    if let fault { throw taken(fault) }
    guard let ended, !isStopped else { return }
    guard Self.isWorthAnotherTry(ended) else {
      let reason = ended.code == .ok ? "before everything was acknowledged" : ended.message
      throw CommandFailure(.failed, "the server ended the stream: \(reason); \(left) requests are not acknowledged")
    }
    note("\(ended.message); connecting again")
    await close()
    var last = CommandFailure(.serverUnreachable, "no server answers at \(address)")
    for attempt in 0..<8 {
      // 0.1 s doubling to 6.4 s: a restart is bridged, an absent server is not waited for without end.
      if attempt > 0 { await rest(100_000_000 << UInt64(attempt - 1)) }
      if state.withLock({ $0.isStopped }) { return }
      do {
        try await open()
      } catch let failure as CommandFailure {
        last = failure
        continue
      }
      if let fault = state.withLock({ $0.fault }) { throw taken(fault) }
      if state.withLock({ $0.isStopped }) { return }
      let (again, call, transport) = state.withLock { state in
        state.reconnects += 1
        return (state.ledger.unacknowledged, state.call, state.transport)
      }
      if let call { for request in again { Self.post(request.bytes, on: call, transport) } }
      return
    }
    throw CommandFailure(.serverUnreachable, "the server is gone: \(last.message)")
  }

  private static func isWorthAnotherTry(_ status: Status) -> Bool {
    status.code == .unavailable || status.code == .internalError || status.code == .unknown
  }

  private func taken(_ fault: PublishLedger.NameIsTaken) -> CommandFailure {
    let (last, left) = state.withLock { ($0.ledger.lastSequence, $0.ledger.unacknowledged.count) }
    return CommandFailure(
      .failed,
      "another publisher has used the name '\(name)' up to request \(fault.upTo), this one up to \(last); \(left) requests are not acknowledged"
    )
  }

  /// Sleeps, but not longer than until `stop()`.
  private func rest(_ nanos: UInt64) async {
    state.withLock { $0.isRested = false }
    let timer = Task {
      try? await Task.sleep(nanoseconds: nanos)
      self.change { $0.isRested = true }
    }
    await wait { $0.isStopped || $0.isRested }
    timer.cancel()
  }

  private static func post(_ bytes: [UInt8], on call: CallBox, _ transport: ClientTransport?) {
    transport?.perform { _ in call.call.send(bytes) }
  }

  /// Carries a call to its own event loop.
  private struct CallBox: @unchecked Sendable {
    // @unchecked: opened only inside `perform`, on the loop that the call belongs to.
    let call: ClientCall
  }

  private func wait(until holds: @escaping @Sendable (borrowing State) -> Bool) async {
    while !state.withLock({ holds($0) }) {
      await withCheckedContinuation { continuation in
        let isDue = state.withLock { state in
          if holds(state) { return true }
          state.waiters.append(continuation)
          return false
        }
        if isDue { continuation.resume() }
      }
    }
  }

  fileprivate func heard(_ acknowledgement: Acknowledgement) {
    change { state in
      if !state.hasBegun {
        state.hasBegun = true
        do throws(PublishLedger.NameIsTaken) {
          try state.ledger.begin(resumingAt: acknowledgement.resumeSequence)
        } catch {
          state.fault = error
        }
      }
      guard state.fault == nil else { return }
      state.ledger.heard(acknowledgement)
      state.blockedBy = acknowledgement.blockedBy
    }
  }

  fileprivate func ended(_ status: Status) {
    change { state in
      state.ended = status
      state.blockedBy = nil
    }
  }

  private func change(_ body: (inout State) -> Void) {
    let waiters = state.withLock { state in
      body(&state)
      defer { state.waiters.removeAll() }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  private final class Handler: ClientCallHandler {
    private let client: PublishClient
    private let decoder = ResponseDecoder()

    init(client: PublishClient) { self.client = client }

    override func onMessage(_ message: RawSpan) {
      if let acknowledgement = decoder.acknowledgement(message) { client.heard(acknowledgement) }
    }

    override func onEnd(_ status: Status, trailers: Metadata) { client.ended(status) }
  }
}
