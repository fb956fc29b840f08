import GRPC
import HTTP2
import LockFree
import TestKit
import Testing

@Suite struct FourKindsOfCallTests {
  @Test func aUnaryCallAnswersOneMessageAndOK() {
    let table = MethodTable()
    table.registerUnary("/a.B/C") { .success($0.byteCount == 3 ? [9, 9] : []) }
    let pair = ConnectionPair(table)
    let client = RecordingClient()
    let call = pair.client.start("/a.B/C", handler: client)
    call.send([1, 2, 3])
    call.halfClose()
    pair.pump()
    #expect(client.messages == [[9, 9]])
    #expect(client.status == .ok)
    #expect(pair.server.openCalls == 0 && pair.client.openCalls == 0)
  }

  @Test func aClientStreamDeliversEveryMessageInOrderAndOneAnswer() {
    let recorder = CallRecorder()
    recorder.prepare = { handler in
      handler.whenHalfClosed = {
        $0.call.send([UInt8($0.messages.count)])
        $0.call.finish(.ok, trailers: ["sum": "1"])
      }
    }
    let pair = ConnectionPair(recorder)
    let client = RecordingClient()
    let call = pair.client.start("/a.B/C", metadata: ["k": "v"], handler: client)
    let sent = (0..<100).map { [UInt8](repeating: UInt8($0), count: $0 * 7) }
    for message in sent { call.send(message) }
    call.halfClose()
    pair.pump()
    #expect(recorder.handlers[0].messages == sent)
    #expect(
      recorder.heads[0].service == "a.B" && recorder.heads[0].method == "C" && recorder.heads[0].metadata["k"] == "v")
    #expect(client.messages == [[100]])
    #expect(client.trailers["sum"] == "1")
  }

  @Test func aServerStreamSendsManyMessagesAndThenItsStatus() {
    let table = MethodTable()
    table.register("/a.B/C") { _, call in
      ServerStreamingHandler(call) { request in
        for index in 0..<request.byteCount { call.send([UInt8(index)]) }
        call.finish(Status(.aborted, "späte 100 %"))
      }
    }
    let pair = ConnectionPair(table)
    let client = RecordingClient()
    let call = pair.client.start("/a.B/C", handler: client)
    call.send([UInt8](repeating: 0, count: 50))
    call.halfClose()
    pair.pump()
    #expect(client.messages == (0..<50).map { [UInt8($0)] })
    #expect(client.status == Status(.aborted, "späte 100 %"))
  }

  @Test func aBidirectionalCallAnswersWhileItIsAsked() {
    let recorder = CallRecorder()
    recorder.prepare = { handler in
      handler.whenMessage = { $0.call.send($1 + $1) }
      handler.whenHalfClosed = { $0.call.finish(.ok) }
    }
    let pair = ConnectionPair(recorder)
    let client = RecordingClient()
    let call = pair.client.start("/a.B/C", handler: client)
    for round in 1...5 {
      call.send([UInt8(round)])
      pair.pump()
      #expect(client.messages.count == round && client.messages.last == [UInt8(round), UInt8(round)])
      #expect(client.ends.isEmpty)
    }
    call.halfClose()
    pair.pump()
    #expect(client.status == .ok)
  }

  @Test func anUnknownPathIsUnimplementedInTrailersOnly() {
    let pair = ConnectionPair(MethodTable())
    let client = RecordingClient()
    pair.client.start("/no.Such/Thing", handler: client).halfClose()
    pair.pump()
    #expect(client.status == Status(.unimplemented, "unknown method /no.Such/Thing"))
    #expect(client.initial.isEmpty)
  }

  @Test(arguments: [1, 2, 3, 7, 9, 64, 1000]) func messagesLargerThanEveryWindowCrossWhateverThePieces(piece: Int) {
    let recorder = CallRecorder()
    recorder.prepare = { handler in
      handler.whenHalfClosed = {
        $0.call.send($0.messages[0])
        $0.call.finish(.ok)
      }
    }
    var server = GRPCServerConfiguration()
    server.http2.streamWindow = 65_535
    server.http2.connectionWindow = 100_000
    var client = GRPCClientConfiguration()
    client.http2 = server.http2
    let pair = ConnectionPair(recorder, server: server, client: client)
    pair.pieceBytes = piece == 1000 ? 0 : piece * 1000 + 1
    let recording = RecordingClient()
    let call = pair.client.start("/a.B/C", handler: recording)
    let message = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    call.send(message)
    call.halfClose()
    pair.pump()
    #expect(recorder.handlers[0].messages == [message])
    #expect(recording.messages == [message])
    #expect(recording.status == .ok)
    #expect(server.pendingBytes.total == 0)
  }
}
