internal import GRPC
internal import HTTP2
internal import LockFree
internal import MarketData

/// One fuzz case: arbitrary bytes as a peer's side of a connection, against handlers that do everything a handler may do.
///
/// The first byte chooses: bit 0 server or client under test, bit 1 raw bytes or a script of frames, bits 2–4 the size of the pieces. In a
/// script each frame is kind, flags, stream, size (two bytes), payload; its header then is always well-formed, which lets the
/// fuzzer get past it.
package enum ConnectionFuzz {
  package static func run(_ input: [UInt8]) {
    guard let choice = input.first else { return }
    let body = Array(input.dropFirst())
    let bytes = choice & 2 == 0 ? body : script(body)
    let piece = [1, 2, 7, 64, 1_000, 5_000, 20_000, 1 << 20][Int(choice >> 2 & 7)]
    let budget = ByteBudget(limit: 100_000)
    if choice & 1 == 0 { serve(bytes, piece, budget) } else { call(bytes, piece, budget) }
    precondition(budget.total == 0, "the budget did not get everything back")
  }

  private static func serve(_ bytes: [UInt8], _ piece: Int, _ budget: ByteBudget) {
    var configuration = GRPCServerConfiguration()
    configuration.pendingBytes = budget
    configuration.maxMessageBytes = 60_000
    configuration.http2.maxConcurrentStreams = 20
    configuration.http2.streamWindow = 70_000
    configuration.keepaliveIntervalNanos = 50
    let busy = BusyDispatcher()
    let server = GRPCServerConnection(configuration: configuration, dispatcher: busy)
    busy.server = server
    let opening =
      Frame.preface + Frame.settings().bytes + Frame.settingsAck.bytes
      + Frame.headers(1, ScriptedPeer.request("/a.B/C")).bytes
    server.receive(opening.span.bytes, now: MonotonicNanos(0))
    var moment: Int64 = 0
    for start in stride(from: 0, to: bytes.count, by: piece) {
      moment += 1
      let end = min(start + piece, bytes.count)
      server.receive(bytes.span.bytes.extracting(start..<end), now: MonotonicNanos(moment))
      busy.stepOutside()
      server.advance(to: MonotonicNanos(moment))
      if bytes[start] & 3 != 0 { while server.takeOutput(upTo: 10_000, { _ in }) {} }
    }
    server.beginDrain()
    while server.takeOutput({ _ in }) {}
    server.connectionLost()
    precondition(server.openCalls == 0 && server.wantsToClose, "a lost connection keeps calls")
    busy.expectAllEnded()
  }

  private static func call(_ bytes: [UInt8], _ piece: Int, _ budget: ByteBudget) {
    var configuration = GRPCClientConfiguration()
    configuration.pendingBytes = budget
    configuration.maxMessageBytes = 60_000
    let client = GRPCClientConnection(configuration: configuration)
    let handlers = (0..<3).map { _ in RecordingClient() }
    let calls = handlers.map { client.start("/a.B/C", deadline: MonotonicNanos(1_000), handler: $0) }
    for call in calls { call.send([1, 2, 3]) }
    calls[1].halfClose()
    calls[2].pauseReceiving()
    while client.takeOutput({ _ in }) {}
    client.receive(Frame.settings().bytes.span.bytes, now: MonotonicNanos(0))
    for start in stride(from: 0, to: bytes.count, by: piece) {
      client.receive(bytes.span.bytes.extracting(start..<min(start + piece, bytes.count)), now: MonotonicNanos(0))
      while client.takeOutput({ _ in }) {}
    }
    calls[2].resumeReceiving()
    client.advance(to: MonotonicNanos(2_000))
    client.connectionLost()
    precondition(handlers.allSatisfy { $0.ends.count == 1 }, "a call did not end exactly once")
  }

  private static func script(_ body: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    var rest = body[...]
    while rest.count >= 5 {
      let head = Array(rest.prefix(5))
      let payload = rest.dropFirst(5).prefix(Int(head[3]) << 8 | Int(head[4]))
      rest = rest.dropFirst(5 + payload.count)
      out += Frame(head[0] % 11, flags: head[1], stream: UInt32(head[2] % 16), Array(payload)).bytes
    }
    return out
  }
}

/// Serves by handlers that take the first byte of each message as an order.
private final class BusyDispatcher: CallDispatcher {
  weak var server: GRPCServerConnection?
  private var handlers: [BusyHandler] = []
  /// Turns nest: a handler may lose its connection inside one.
  private var turns = 0

  func accept(_ head: CallHead, call: ServerCall) -> CallHandler? {
    let handler = BusyHandler(call, self)
    handlers.append(handler)
    return handler
  }

  func turnBegan() { turns += 1 }

  func turnEnded() {
    turns -= 1
    guard turns == 0 else { return }
    for handler in handlers { handler.stepBehindTurn() }
  }

  func stepOutside() {
    for handler in handlers { handler.stepOutside() }
  }

  func expectAllEnded() {
    for handler in handlers {
      precondition(handler.hasEnded && !handler.call.isActive, "a handler was not told its end")
    }
  }
}

private final class BusyHandler: CallHandler {
  let call: ServerCall
  private unowned let dispatcher: BusyDispatcher  // keeps us; outlives the connection
  private(set) var hasEnded = false
  private var resumesOutside = false

  init(_ call: ServerCall, _ dispatcher: BusyDispatcher) {
    self.call = call
    self.dispatcher = dispatcher
  }

  override func onMessage(_ message: RawSpan) {
    precondition(!hasEnded, "a message after the end")
    guard message.byteCount > 0 else { return }
    switch message.byte(at: 0) {
    case 0: call.send(message)
    case 1: call.pauseReceiving()
    case 2:
      call.pauseReceiving()
      resumesOutside = true
    case 3: call.send([UInt8](repeating: 0, count: 100_000))
    case 4: finish()
    case 5: dispatcher.server?.connectionLost()
    case 6: call.sendInitialMetadata(["a": "b"])
    case 7:
      call.pauseReceiving()
      call.resumeReceiving()
    case 8: dispatcher.server?.beginDrain()
    default: break
    }
  }

  override func onHalfClose() {
    precondition(!hasEnded, "a half-close after the end")
    finish()
  }

  override func onCancel(_ reason: CallEnd) {
    precondition(!hasEnded, "two ends")
    hasEnded = true
  }

  override func onWritable() { precondition(!hasEnded, "writable after the end") }

  func stepBehindTurn() {
    if !resumesOutside, !hasEnded { call.resumeReceiving() }
  }

  func stepOutside() {
    guard resumesOutside, !hasEnded else { return }
    resumesOutside = false
    call.send([9])
    call.resumeReceiving()
  }

  private func finish() {
    guard !hasEnded else { return }
    hasEnded = true
    call.finish(.ok, trailers: ["t": "u"])
  }
}
