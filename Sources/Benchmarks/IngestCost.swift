internal import Channels
internal import DataFiles
internal import Detection
internal import Events
internal import GRPC
internal import HTTP2
internal import LockFree
internal import MarketData
internal import WireCodec

/// What a tick costs from the bytes of a connection to the detectors, without sockets, threads and acknowledgements: HTTP/2, gRPC, decoding, the ring,
/// and the engine with its detectors off.
///
/// `ingest [SHAPE]`: packed, frame, batch or columns; all without one. 500 symbols, reads of some 64 KiB. Under callgrind:
/// `--toggle-collect='*Ingest*serve*'`.
enum IngestCost {
  private static let ticks = 1_000_000
  private static let shapes = [("packed", 1), ("frame", 1), ("batch", 64), ("columns", 1_024)]

  static func run(_ arguments: [String]) {
    for (shape, size) in shapes where arguments.isEmpty || arguments[0] == shape {
      let bench = IngestBench()
      var generator = MarketGenerator(seed: 7, symbols: 500, rate: 2_500, startNanos: 1_715_731_200_000_000_000)
      var cost: Int64 = 0
      var sent = 0
      while sent < ticks {
        var chunk: [UInt8] = []
        while chunk.count < 64 << 10 {
          let rows = (0..<size).map { _ in generator.next() }
          bench.send(rows, byColumn: shape == "columns")
          sent += size
          if shape == "frame" || bench.queuedBytes > 32 << 10 { bench.take(into: &chunk) }
        }
        bench.take(into: &chunk)
        cost += Stopwatch.cpuNanos { bench.serve(chunk) }
        bench.answer()
      }
      precondition(bench.processed == sent, "\(bench.processed) of \(sent) ticks were processed")
      print(
        "\(shape.padded(to: 8)) \((Double(cost) / Double(sent)).fixed(1).padded(to: 8, left: true)) ns a tick, \(sent) ticks"
      )
    }
  }
}

/// A client that only sends, and a server's data path on one thread.
final class IngestBench: CallDispatcher {
  private final class Handler: CallHandler {
    private unowned let bench: IngestBench
    private var sequence: UInt64 = 0

    init(_ bench: IngestBench) { self.bench = bench }

    override var takesRuns: Bool { true }

    override func onMessages(_ run: RawSpan) -> Int {
      let decoder = bench.decoder
      var offset = 0
      while offset < run.byteCount {
        let end = offset + MessageStream.prefixBytes + Int(run.bigEndianUInt32(at: offset + 1))
        take(run.extracting(offset + MessageStream.prefixBytes..<end), by: decoder)
        offset = end
      }
      return offset
    }

    override func onMessage(_ message: RawSpan) { take(message, by: bench.decoder) }

    @inline(__always)
    private func take(_ message: RawSpan, by decoder: PublishDecoder) {
      if let number = decoder.takePlainTick(message, above: sequence, counts: true) {
        sequence = number
      } else if (try? decoder.decode(message)) != nil {
        sequence += 1
      }
    }
  }

  private final class Sender: ClientCallHandler {}

  let decoder: PublishDecoder
  private(set) var processed = 0
  private let runs = RunSet<TickRecord>(count: 1)
  private let ring = ManyToOneRing<TickRecord>(capacity: 65_536)
  private var engine: TickEngine
  private var events: [MarketEvent] = []
  private var server: GRPCServerConnection?
  private let client = GRPCClientConnection(configuration: GRPCClientConfiguration())
  private var call: ClientCall?

  init() {
    engine = TickEngine(profiles: [TickProfile(name: "default", calendar: .continuous, settings: .allOff)])
    decoder = PublishDecoder(
      resolver: SymbolRegistry(
        symbols: SymbolTable(capacity: 1_000),
        profiles: [Profile(name: "default", calendar: .continuous)],
        channels: [ChannelSettings(name: "ticks-1")]),
      runs: runs)
    decoder.begin(now: UnixNanos(1_715_731_200_000_000_000), slot: StreamSlot(0), receivedTime: UnixNanos(1))
    server = GRPCServerConnection(configuration: GRPCServerConfiguration(), dispatcher: self, peer: "memory")
    call = client.start("/penstock.v1.MarketStream/Publish", handler: Sender())
  }

  func accept(_ head: CallHead, call: ServerCall) -> CallHandler? { Handler(self) }

  func turnEnded() { handOn() }

  var queuedBytes: Int { call?.queuedBytes ?? 0 }

  func send(_ rows: [TickRow], byColumn: Bool) {
    let ticks = rows.map {
      ClientTick(symbol: $0.symbol, timestampNanos: $0.timestampNanos, price: $0.price, size: $0.size)
    }
    if byColumn {
      call?.send(ClientRequests.publish(columns: ticks, sequence: 0))
    } else if ticks.count == 1 {
      call?.send(ClientRequests.publish(ticks[0], sequence: 0))
    } else {
      call?.send(ClientRequests.publish(batch: ticks, sequence: 0))
    }
  }

  func take(into chunk: inout [UInt8]) {
    while client.takeOutput(into: &chunk) {}
  }

  @inline(never)
  func serve(_ chunk: [UInt8]) { server?.receive(chunk.span.bytes, now: MonotonicNanos(1)) }

  /// Returned windows and the like.
  func answer() {
    var bytes: [UInt8] = []
    while server?.takeOutput(into: &bytes) == true {}
    client.receive(bytes.span.bytes, now: MonotonicNanos(1))
  }

  private func handOn() {
    _ = runs.withRun(of: 0) { ring.push(contentsOf: $0) }
    runs.removeAll()
    let count = ring.poll(upTo: .max)
    for offset in 0..<count {
      let record = ring.element(at: offset)
      _ = engine.process(record.item, profile: Int(record.profile), events: &events)
    }
    ring.advance(by: count)
    processed += count
    events.removeAll(keepingCapacity: true)
  }
}
