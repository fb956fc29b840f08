internal import GRPC
internal import NIOCore
internal import NIOPosix
internal import Server
internal import Synchronization
internal import Transport
internal import WireCodec

/// A named publisher that survives lost connections: keeps what is not acknowledged, and sends it again where the server says it stopped.
///
/// `send` waits while too much is unacknowledged, so memory is bounded by `inFlightMax` requests.
final class PublishClient: Sendable {
  private struct State {
    var unacknowledged: [(sequence: UInt64, bytes: [UInt8])] = []
    var acked: UInt64 = 0
    var totals = Acknowledgement()
    /// Of calls that were lost: the server counts anew on each.
    var earlier = Acknowledgement()
    var rejections: [Acknowledgement.Rejection] = []
    var call: CallBox?
    var transport: ClientTransport?
    var waiters: [CheckedContinuation<Void, Never>] = []
    var ended: Status?
    var resumed: UInt64?
    var blockedBy: String?
    var reconnects = 0
  }

  private static let rejectionsKept = 10

  private let address: ListenAddress
  private let name: String
  private let group: any EventLoopGroup
  private let inFlightMax: Int
  // A call is touched on its event loop only; the mutex guards everything else.
  private let state = Mutex(State())

  init(address: ListenAddress, name: String, group: any EventLoopGroup, inFlightMax: Int = 512) {
    self.address = address
    self.name = name
    self.group = group
    self.inFlightMax = inFlightMax
  }

  var acked: UInt64 { state.withLock { $0.acked } }
  var blockedBy: String? { state.withLock { $0.blockedBy } }
  var reconnects: Int { state.withLock { $0.reconnects } }
  var rejections: [Acknowledgement.Rejection] { state.withLock { $0.rejections } }

  /// Running totals over all calls.
  var totals: Acknowledgement {
    state.withLock { state in
      var sum = state.totals
      sum.accepted += state.earlier.accepted
      sum.rejected += state.earlier.rejected
      sum.late += state.earlier.late
      sum.quarantined += state.earlier.quarantined
      sum.outOfSession += state.earlier.outOfSession
      sum.dropped += state.earlier.dropped
      return sum
    }
  }

  /// Connects and hears where to resume.
  func open() async throws {
    let transport: ClientTransport
    do {
      transport = try await ClientTransport.connect(host: address.host, port: address.port, group: group)
    } catch {
      throw CommandFailure(
        .serverUnreachable, "no server answers at \(address); start one with `penstock serve`, or name it with --server"
      )
    }
    state.withLock { state in
      state.ended = nil
      state.resumed = nil
      state.transport = transport
    }
    let name = name
    transport.perform { connection in
      var metadata = Metadata()
      metadata.add("penstock-publisher", name)
      let call = connection.start(
        "/penstock.v1.MarketStream/Publish", metadata: metadata, handler: Handler(client: self))
      let box = CallBox(call: call)
      self.state.withLock { $0.call = box }
    }
    await wait { $0.resumed != nil || $0.ended != nil }
    if let ended = state.withLock({ $0.ended }) {
      throw CommandFailure(.serverUnreachable, "the server refused the stream: \(ended.message)")
    }
  }

  /// Sends one request, numbered from 1; connects again and repeats what is due where the connection was lost.
  func send(sequence: UInt64, _ bytes: [UInt8]) async throws {
    try await reconnectIfLost()
    let (transport, call) = state.withLock { state in
      state.unacknowledged.append((sequence, bytes))
      return (state.transport, state.call)
    }
    if let call { Self.post(bytes, on: call, transport) }
    let limit = inFlightMax
    await wait { $0.unacknowledged.count < limit || $0.ended != nil }
  }

  /// Half-closes and waits for the last acknowledgement.
  func finish() async throws {
    while true {
      try await reconnectIfLost()
      let (transport, call) = state.withLock { ($0.transport, $0.call) }
      if let call, let transport { transport.perform { _ in call.call.halfClose() } }
      await wait { $0.ended != nil }
      if state.withLock({ $0.unacknowledged.isEmpty }) { break }
    }
    await state.withLock { $0.transport }?.close()
  }

  func close() async { await state.withLock { $0.transport }?.close() }

  private func reconnectIfLost() async throws {
    guard let ended = state.withLock({ $0.ended }), ended.code != .ok else { return }
    guard ended.code == .unavailable || ended.code == .internalError || ended.code == .unknown else {
      throw CommandFailure(.failed, "the server ended the stream: \(ended.message)")
    }
    await state.withLock { $0.transport }?.close()
    var last: (any Error)?
    for attempt in 0..<8 {
      // 0.1 s doubling to 6.4 s: a restart is bridged, an absent server is not waited for without end.
      if attempt > 0 { try await Task.sleep(nanoseconds: 100_000_000 << UInt64(attempt - 1)) }
      do {
        try await open()
        let (again, call, transport) = state.withLock { state in
          state.earlier = sum(state.earlier, state.totals)
          state.totals = Acknowledgement()
          state.reconnects += 1
          let resume = state.resumed ?? 0
          state.unacknowledged.removeAll { $0.sequence <= resume }
          return (state.unacknowledged, state.call, state.transport)
        }
        if let call { for request in again { Self.post(request.bytes, on: call, transport) } }
        return
      } catch {
        last = error
      }
    }
    throw last ?? CommandFailure(.serverUnreachable, "no server answers at \(address)")
  }

  private func sum(_ a: Acknowledgement, _ b: Acknowledgement) -> Acknowledgement {
    var sum = a
    sum.accepted += b.accepted
    sum.rejected += b.rejected
    sum.late += b.late
    sum.quarantined += b.quarantined
    sum.outOfSession += b.outOfSession
    sum.dropped += b.dropped
    return sum
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
      if state.resumed == nil { state.resumed = acknowledgement.resumeSequence }
      state.acked = max(state.acked, acknowledgement.ackedSequence)
      state.totals = acknowledgement
      state.blockedBy = acknowledgement.blockedBy?.channel
      let room = Self.rejectionsKept - state.rejections.count
      if room > 0 { state.rejections += acknowledgement.rejections.prefix(room) }
      let acked = state.acked
      if let due = state.unacknowledged.firstIndex(where: { $0.sequence > acked }) {
        state.unacknowledged.removeFirst(due)
      } else {
        state.unacknowledged.removeAll()
      }
    }
  }

  fileprivate func ended(_ status: Status) { change { $0.ended = status } }

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
