internal import Events
internal import GRPC
internal import LockFree
internal import MarketData
internal import NIOCore
internal import NIOPosix
internal import Server
internal import Synchronization
internal import Transport
internal import WireCodec

/// One publishing call under load. Everything but `beginMeasuring` and `stop` happens on its event loop.
final class BenchStream: ClientCallHandler, @unchecked Sendable {
  // @unchecked: all state is touched on the event loop only; the verbs hop there.

  /// Messages unacknowledged at most, when the rate is not given.
  private static let unacknowledgedMax = 16_384
  private static let bytesUnacknowledgedMax = 8 << 20
  /// With a rate that the server does not take, what is due waits unmade beyond this; its latency counts from when it was due all the same.
  private static let bytesBehindMax = 16 << 20

  private let transport: ClientTransport
  private let decoder = ResponseDecoder()
  private let clock = SystemClock()
  private var load: BenchLoad
  private let messagesPerSecond: Double
  private let oneMessageAFrame: Bool
  private var call: ClientCall?
  private var connection: GRPCClientConnection?
  private var began: Int64 = 0
  private var sent = 0
  private var acked = 0
  /// When each unacknowledged message was due.
  private var due: [Int64] = []
  private var dueFirst = 0
  private var latencies: [Int64] = []
  private var measures = false
  private var isStopping = false
  private var messageBytes = 1

  private init(
    _ transport: ClientTransport, load: BenchLoad, messagesPerSecond: Double, oneMessageAFrame: Bool
  ) {
    self.transport = transport
    self.load = load
    self.messagesPerSecond = messagesPerSecond
    self.oneMessageAFrame = oneMessageAFrame
  }

  static func open(
    _ address: ListenAddress, _ group: any EventLoopGroup, load: BenchLoad, oneMessageAFrame: Bool,
    messagesPerSecond: Double
  ) async throws -> BenchStream {
    let transport = try await connect(address, group)
    return BenchStream(transport, load: load, messagesPerSecond: messagesPerSecond, oneMessageAFrame: oneMessageAFrame)
  }

  static func connect(_ address: ListenAddress, _ group: any EventLoopGroup) async throws -> ClientTransport {
    do {
      return try await ClientTransport.connect(host: address.host, port: address.port, group: group)
    } catch {
      throw CommandFailure(.serverUnreachable, "no server answers at \(address)")
    }
  }

  func start() {
    transport.perform { connection in
      self.connection = connection
      self.call = connection.start("/penstock.v1.MarketStream/Publish", handler: self)
      self.began = self.clock.monotonicNow.nanoseconds
      self.send()
    }
  }

  func beginMeasuring() { transport.perform { _ in self.measures = true } }

  /// Stops sending, and returns the latencies measured, in nanoseconds.
  func stop() async -> [Int64] {
    let latencies = await withCheckedContinuation { continuation in
      transport.perform { _ in
        self.isStopping = true
        self.call?.cancel()
        continuation.resume(returning: self.latencies)
      }
    }
    await transport.close()
    return latencies
  }

  override func onMessage(_ message: RawSpan) {
    guard let acknowledgement = decoder.acknowledgement(message) else { return }
    let now = clock.monotonicNow.nanoseconds
    while acked < Int(acknowledgement.ackedSequence), dueFirst < due.count {
      if measures { latencies.append(now - due[dueFirst]) }
      dueFirst += 1
      acked += 1
    }
    if dueFirst > 65_536 {
      due.removeFirst(dueFirst)
      dueFirst = 0
    }
    // Not from inside the callback: what is sent may not be taken while bytes are being received.
    if messagesPerSecond == 0 { transport.eventLoop.execute { self.fill() } }
  }

  private func send() {
    guard !isStopping else { return }
    if messagesPerSecond == 0 {
      fill()
    } else {
      let now = clock.monotonicNow.nanoseconds
      let wanted = Int(Double(now - began) / 1e9 * messagesPerSecond)
      while sent < wanted, (due.count - dueFirst) * messageBytes < Self.bytesBehindMax {
        sendOne(due: began + Int64(Double(sent) / messagesPerSecond * 1e9))
      }
    }
    transport.eventLoop.scheduleTask(in: .microseconds(500)) { self.send() }
  }

  private func fill() {
    let limit = min(Self.unacknowledgedMax, max(2, Self.bytesUnacknowledgedMax / messageBytes))
    while due.count - dueFirst < limit, !isStopping { sendOne(due: clock.monotonicNow.nanoseconds) }
  }

  private func sendOne(due time: Int64) {
    let bytes = load.message()
    messageBytes = bytes.count
    call?.send(bytes)
    // What is taken after each message makes a frame of its own.
    if oneMessageAFrame { transport.flushOnLoop() }
    due.append(time)
    sent += 1
  }
}

/// A connection beside the load: subscribes, and asks for the server's metrics.
final class BenchProbe: Sendable {
  private let transport: ClientTransport

  private init(_ transport: ClientTransport) { self.transport = transport }

  static func open(
    _ address: ListenAddress, _ group: any EventLoopGroup, subscriptions: Int
  ) async throws -> BenchProbe {
    let transport = try await BenchStream.connect(address, group)
    var request = SubscriptionRequest()
    request.slowConsumer = 2
    for _ in 0..<subscriptions {
      let responses = SubscribeClient.subscribe(request, on: transport, withJSON: false)
      Task { for await _ in responses {} }
    }
    return BenchProbe(transport)
  }

  func serverMetrics() async throws -> BenchMetrics {
    let found = await withCheckedContinuation { (continuation: CheckedContinuation<BenchMetrics?, Never>) in
      transport.perform { connection in
        let call = connection.start("/penstock.v1.ChannelAdmin/GetMetrics", handler: MetricsHandler(continuation))
        call.send([UInt8]())
        call.halfClose()
      }
    }
    guard let found else { throw CommandFailure(.failed, "the server does not tell its metrics") }
    return found
  }

  private final class MetricsHandler: ClientCallHandler {
    private let continuation: CheckedContinuation<BenchMetrics?, Never>
    private var found: BenchMetrics?

    init(_ continuation: CheckedContinuation<BenchMetrics?, Never>) { self.continuation = continuation }

    override func onMessage(_ message: RawSpan) {
      found = ResponseDecoder().serverMetrics(message).map(BenchMetrics.init)
    }

    override func onEnd(_ status: Status, trailers: Metadata) { continuation.resume(returning: found) }
  }
}
