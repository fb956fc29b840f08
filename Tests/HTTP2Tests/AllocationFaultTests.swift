import GRPC
import HTTP2
import MarketData
import TestKit
import Testing

/// nghttp2's allocations fail one after the other: each time the connection ends or goes on, and never the process.
@Suite struct AllocationFaultTests {
  /// A connection's life; its calls are told of their end in every case.
  func run(_ memory: FaultyMemory) -> Bool {
    let recorder = CallRecorder { handler in
      handler.whenMessage = { $0.call.send($1) }
      handler.whenHalfClosed = { $0.call.finish(Status(.ok, "done"), trailers: ["k": "v"]) }
    }
    let server = GRPCServerConnection(
      configuration: GRPCServerConfiguration(), dispatcher: recorder, now: MonotonicNanos(0), memory: memory)
    let client = GRPCClientConnection()
    let recording = RecordingClient()
    for _ in 0..<3 {
      let call = client.start("/a.B/C", metadata: ["x": "y"], handler: recording)
      call.send([UInt8](repeating: 1, count: 100))
      call.halfClose()
    }
    for _ in 0..<6 {
      var bytes: [UInt8] = []
      while client.takeOutput(into: &bytes) {}
      server.receive(bytes.span.bytes, now: MonotonicNanos(0))
      bytes = []
      while server.takeOutput(into: &bytes) {}
      client.receive(bytes.span.bytes, now: MonotonicNanos(0))
    }
    server.beginDrain()
    server.connectionLost()
    client.connectionLost()
    #expect(server.openCalls == 0 && recording.ends.count == 3)
    return recording.ends.allSatisfy { $0.status.code == .ok }
  }

  @Test func everyAllocationMayFail() {
    let clean = FaultyMemory()
    #expect(run(clean))
    #expect(clean.requests > 20)
    for request in 1...clean.requests { _ = run(FaultyMemory(failing: request)) }
  }
}
