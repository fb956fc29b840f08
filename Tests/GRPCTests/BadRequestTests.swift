import GRPC
import HTTP2
import TestKit
import Testing

/// What a peer that breaks gRPC's rules is told; each status as the specifications and contract.md, "Status codes", say.
@Suite struct BadRequestTests {
  let recorder = CallRecorder()

  func peer(_ change: (inout GRPCServerConfiguration) -> Void = { _ in }) -> ScriptedPeer {
    var configuration = GRPCServerConfiguration()
    change(&configuration)
    return ScriptedPeer(recorder, configuration)
  }

  /// Opens stream 1 with these fields and looks at the answer.
  func answer(to fields: [(String, String)]) -> ScriptedPeer {
    let peer = peer()
    peer.send(.headers(1, fields))
    peer.listen()
    return peer
  }

  func replacing(_ name: String, _ value: String) -> [(String, String)] {
    ScriptedPeer.request("/a.B/C").map { $0.0 == name ? (name, value) : $0 }
  }

  @Test(arguments: [
    "text/plain", "application/json", "application/grpc-web", "application/grpc+json", "application/grpcx", "",
  ])
  func aWrongContentTypeIsHTTP415(type: String) {
    let peer = answer(to: replacing("content-type", type))
    #expect(peer.headers(1) == [[":status": "415"]])
    #expect(peer.resetCode(1) == 0)
    #expect(recorder.heads.isEmpty)
  }

  @Test func aMissingContentTypeIsHTTP415() {
    #expect(answer(to: ScriptedPeer.request("/a.B/C").dropLast()).headers(1) == [[":status": "415"]])
  }

  @Test(arguments: [
    "application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8", "Application/gRPC ; x=y",
  ])
  func gRPCsContentTypesAreTaken(type: String) {
    _ = answer(to: replacing("content-type", type))
    #expect(recorder.heads.count == 1)
  }

  @Test(arguments: ["GET", "PUT", "OPTIONS"]) func anotherMethodThanPOSTIsHTTP405(method: String) {
    let peer = answer(to: replacing(":method", method))
    #expect(peer.headers(1) == [[":status": "405", "allow": "POST"]])
  }

  @Test func aRequestWithoutTEIsTaken() {
    _ = answer(to: ScriptedPeer.request("/a.B/C").filter { $0.0 != "te" })
    #expect(recorder.heads.count == 1)
  }

  @Test func anUnknownEncodingIsUnimplementedAndNamesTheKnownOnes() {
    let peer = answer(to: ScriptedPeer.request("/a.B/C", [("grpc-encoding", "snappy")]))
    #expect(peer.status(1) == 12)
    #expect(peer.headers(1)[0]["grpc-accept-encoding"] == "identity")
    #expect(peer.headers(1).count == 1)  // trailers only
  }

  @Test func aCompressedMessageWithoutEncodingIsInternal() {
    let peer = peer()
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")), .data(1, framed([1], flag: 1)))
    peer.listen()
    #expect(peer.status(1) == 13)
    #expect(recorder.handlers[0].ends == [.failed(Status(.internalError, "compressed message without grpc-encoding"))])
    #expect(recorder.handlers[0].messages.isEmpty)
  }

  @Test func aMessageFlagThatDoesNotExistIsInternal() {
    let peer = peer()
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")), .data(1, framed([1], flag: 2)))
    peer.listen()
    #expect(peer.status(1) == 13)
  }

  @Test func aMessageAboveTheLimitIsRefusedByItsPrefixAlone() {
    let peer = peer { $0.maxMessageBytes = 1_000 }
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")), .data(1, framed([7]) + [0, 0, 0, 3, 233]))
    peer.listen()
    #expect(recorder.handlers[0].messages == [[7]])
    #expect(peer.status(1) == 8)
    #expect(peer.message(1) == "message of 1001 bytes is above limits.max_message_bytes (1000 bytes)")
    #expect(peer.resetCode(1) == 0)
  }

  @Test func aMessageAtTheLimitIsTaken() {
    let peer = peer { $0.maxMessageBytes = 1_000 }
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")), .data(1, framed([UInt8](repeating: 1, count: 1_000))))
    #expect(recorder.handlers[0].messages.count == 1)
  }

  @Test(arguments: 1...11) func aStreamThatEndsInsideAMessageIsInternal(cut: Int) {
    let peer = peer()
    let bytes = Array(framed([1, 2, 3, 4, 5, 6, 7]).prefix(cut))
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")), .data(1, bytes, endStream: true))
    peer.listen()
    #expect(peer.status(1) == 13)
    #expect(peer.message(1) == "the stream ended inside a message")
    #expect(!recorder.handlers[0].halfClosed)
    #expect(recorder.handlers[0].ends.count == 1)
  }

  @Test(arguments: ["", "1", "S", "123456789S", "-1S", "1x", "1 S", "1.5S", "S1"])
  func aMalformedTimeoutIsInternal(timeout: String) {
    let peer = answer(to: ScriptedPeer.request("/a.B/C", [("grpc-timeout", timeout)]))
    #expect(peer.status(1) == 13)
    #expect(recorder.heads.isEmpty)
  }

  @Test func aTimeoutOfZeroHasPassed() {
    #expect(answer(to: ScriptedPeer.request("/a.B/C", [("grpc-timeout", "0n")])).status(1) == 4)
  }

  @Test func headersAboveTheLimitAreRefused() {
    let peer = answer(to: ScriptedPeer.request("/a.B/C", [("x", String(repeating: "y", count: 20_000))]))
    #expect(peer.status(1) == 8)
    #expect(recorder.heads.isEmpty)
    #expect(!peer.server.wantsToClose)
  }

  @Test func metadataThatIsNoBase64IsRefused() {
    #expect(answer(to: ScriptedPeer.request("/a.B/C", [("k-bin", "****")])).status(1) == 13)
  }

  @Test(arguments: ["/", "/a", "//", "/a.B/", "a.B/C", "/a.B/C/D"]) func oddPathsFindNoMethod(path: String) {
    let table = MethodTable()
    table.registerUnary("/a.B/C") { _ in .success([]) }
    let peer = ScriptedPeer(table)
    peer.send(.headers(1, ScriptedPeer.request(path), endStream: true))
    peer.listen()
    // A path that is no path at all is HTTP/2's business already.
    #expect(peer.status(1) == 12 || peer.resetCode(1) == 1)
  }

  @Test func aUnaryCallTakesOneRequestNeitherNoneNorTwo() {
    let table = MethodTable()
    table.registerUnary("/a.B/C") { _ in .success([]) }
    let peer = ScriptedPeer(table)
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C"), endStream: true))
    peer.send(.headers(3, ScriptedPeer.request("/a.B/C")), .data(3, framed([]) + framed([]), endStream: true))
    peer.listen()
    #expect(peer.status(1) == 3 && peer.status(3) == 12)
  }

  @Test func aServerStreamingCallTakesOneRequestNeitherNoneNorTwo() {
    let table = MethodTable()
    table.register("/a.B/C") { _, call in ServerStreamingHandler(call) { _ in call.finish(.ok) } }
    let peer = ScriptedPeer(table)
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C"), endStream: true))
    peer.send(.headers(3, ScriptedPeer.request("/a.B/C")), .data(3, framed([]) + framed([]), endStream: true))
    peer.send(.headers(5, ScriptedPeer.request("/a.B/C")), .data(5, framed([]), endStream: true))
    peer.listen()
    #expect(peer.status(1) == 3 && peer.status(3) == 12 && peer.status(5) == 0)
  }

  @Test func aHandlerNeedNotHearAnything() {
    final class Deaf: CallDispatcher {
      func accept(_ head: CallHead, call: ServerCall) -> CallHandler? { CallHandler() }
    }
    let peer = ScriptedPeer(Deaf())
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")), .data(1, framed([1]), endStream: true), .reset(1, 8))
    #expect(peer.server.openCalls == 0)
    let client = GRPCClientConnection()
    client.start("/a.B/C", handler: ClientCallHandler())
    client.connectionLost()
    #expect(client.openCalls == 0)
  }

  @Test func aFailedUnaryFunctionIsItsStatus() {
    let table = MethodTable()
    table.registerUnary("/a.B/C") { _ in .failure(Status(code: .outOfRange, message: "no")) }
    let peer = ScriptedPeer(table)
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")), .data(1, framed([1]), endStream: true))
    peer.listen()
    #expect(peer.status(1) == 11 && peer.message(1) == "no" && peer.headers(1).count == 1)
  }

  @Test func oneBadCallHarmsNoOther() {
    let peer = peer()
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")), .headers(3, ScriptedPeer.request("/a.B/C")))
    peer.send(.data(1, framed([1], flag: 9)), .data(3, framed([3])))
    peer.listen()
    #expect(recorder.handlers[1].messages == [[3]])
    #expect(recorder.handlers[1].ends.isEmpty)
  }

  @Test func dataAfterTheStatusIsDroppedAndItsConnectionWindowGoesBack() {
    let peer = peer()
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")))
    recorder.handlers[0].call.finish(.ok)
    for _ in 0..<300 {
      peer.send(.data(1, [UInt8](repeating: 0, count: 16_384)))
      peer.listen()
    }
    #expect(peer.status(1) == 0)
    #expect(recorder.handlers[0].messages.isEmpty)
    #expect(peer.windowReturned(0) > 2 << 20)
  }

  @Test func aStatusThatEchoesTooMuchIsCutShort() {
    let table = MethodTable()
    let peer = ScriptedPeer(table)
    peer.send(.headers(1, ScriptedPeer.request("/" + String(repeating: "x", count: 10_000)), endStream: true))
    peer.listen()
    #expect(peer.status(1) == 12)
    #expect(peer.message(1).count <= 4_096 && peer.message(1).hasSuffix("x%E2%80%A6"))
  }

  @Test(arguments: [false, true]) func trailersThatNoFrameHoldsResetTheStream(answered: Bool) {
    let peer = peer()
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C"), endStream: true))
    let call = recorder.handlers[0].call
    if answered { call.send([1]) }
    call.finish(.ok, trailers: ["k": String(repeating: "v", count: 100_000)])
    peer.listen()
    #expect(peer.resetCode(1) == HTTP2ErrorCode.internalError.rawValue)
    #expect(peer.server.openCalls == 0 && !peer.server.wantsToClose)
  }

  @Test func trailersOfARequestEndItAndSayNothing() {
    let peer = peer()
    peer.send(.headers(1, ScriptedPeer.request("/a.B/C")), .data(1, framed([1])))
    peer.send(.headers(1, [("x", "y")], endStream: true))
    #expect(recorder.handlers[0].halfClosed)
  }
}
