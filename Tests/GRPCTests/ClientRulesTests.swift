import GRPC
import HTTP2
import MarketData
import TestKit
import Testing

/// What the client makes of a server that says exact frames.
@Suite struct ClientRulesTests {
  let connection = GRPCClientConnection()
  let client = RecordingClient()

  func say(_ frames: Frame...) {
    let bytes = frames.flatMap(\.bytes)
    connection.receive(bytes.span.bytes, now: MonotonicNanos(0))
  }

  @discardableResult
  func begin() -> ClientCall {
    let call = connection.start("/a.B/C", handler: client)
    var sink: [UInt8] = []
    while connection.takeOutput(into: &sink) {}
    say(.settings())
    return call
  }

  let good = [(":status", "200"), ("content-type", "application/grpc")]

  @Test(arguments: [
    ("400", StatusCode.internalError), ("401", .unauthenticated), ("403", .permissionDenied), ("404", .unimplemented),
    ("429", .unavailable), ("502", .unavailable), ("503", .unavailable), ("504", .unavailable), ("500", .unknown),
    ("418", .unknown),
  ]) func anHTTPStatusBecomesItsStatus(http: String, code: StatusCode) {
    begin()
    say(.headers(1, [(":status", http), ("content-type", "text/html")], endStream: true))
    #expect(client.status == Status(code, "HTTP status \(http)"))
  }

  @Test func anHTTPStatusWithABodyEndsTheCallAtItsHeaders() {
    begin()
    say(.headers(1, [(":status", "503")]), .data(1, Array("<html>".utf8), endStream: true))
    #expect(client.status?.code == .unavailable && client.messages.isEmpty)
  }

  @Test func trailersOnlyIsAStatus() {
    begin()
    say(.headers(1, good + [("grpc-status", "5"), ("grpc-message", "no%20such"), ("k", "v")], endStream: true))
    #expect(client.status == Status(.notFound, "no such") && client.trailers["k"] == "v")
  }

  @Test(arguments: [("99", StatusCode.unknown), ("x", .unknown), ("16", .unauthenticated)])
  func unknownStatusNumbersAreUnknown(text: String, code: StatusCode) {
    begin()
    say(.headers(1, good), .headers(1, [("grpc-status", text)], endStream: true))
    #expect(client.status?.code == code)
  }

  @Test func trailersWithoutStatusAreUnknown() {
    begin()
    say(.headers(1, good), .headers(1, [("x", "y")], endStream: true))
    #expect(client.status?.code == .unknown)
  }

  @Test func aStreamThatEndsWithDataIsInternal() {
    begin()
    say(.headers(1, good), .data(1, framed([1]), endStream: true))
    #expect(client.messages == [[1]] && client.status?.code == .internalError)
  }

  @Test func anotherContentTypeIsUnknown() {
    begin()
    say(.headers(1, [(":status", "200"), ("content-type", "text/html")]))
    #expect(client.status?.code == .unknown)
  }

  @Test func anEncodingThatWasNotOfferedIsInternal() {
    begin()
    say(.headers(1, good + [("grpc-encoding", "gzip")]))
    #expect(client.status?.code == .internalError)
  }

  @Test func informationalHeadersArePassedOver() {
    begin()
    say(.headers(1, [(":status", "103")]), .headers(1, good + [("a", "b")]), .data(1, framed([2])))
    #expect(client.initial.count == 1 && client.initial[0]["a"] == "b" && client.messages == [[2]])
  }

  @Test(arguments: [
    (UInt32(0), StatusCode.internalError), (1, .internalError), (2, .internalError), (3, .internalError), (5, .unknown),
    (7, .unavailable), (8, .cancelled), (9, .internalError), (11, .resourceExhausted), (12, .permissionDenied),
    (13, .unknown), (77, .internalError),
  ]) func aResetBecomesItsStatus(reset: UInt32, code: StatusCode) {
    begin()
    say(.headers(1, good), .reset(1, reset))
    #expect(client.status?.code == code)
  }

  @Test func aGOAWAYThatLeavesTheCallOutIsUnavailable() {
    begin()
    say(.goAway(last: 0))
    #expect(client.status?.code == .unavailable)
    #expect(connection.serverIsLeaving && connection.wantsToClose == false || connection.openCalls == 0)
  }

  @Test func aPausedClientHearsItsEndAfterItsMessages() {
    let call = begin()
    call.pauseReceiving()
    say(.headers(1, good), .data(1, framed([1]) + framed([2])), .headers(1, [("grpc-status", "0")], endStream: true))
    #expect(client.messages.isEmpty && client.ends.isEmpty)
    call.resumeReceiving()
    #expect(client.messages == [[1], [2]] && client.status == .ok)
  }

  @Test func aServerThatStopsInsideAMessageIsInternal() {
    begin()
    say(.headers(1, good), .data(1, [0, 0, 0]), .headers(1, [("grpc-status", "0")], endStream: true))
    #expect(client.status?.code == .internalError)
  }

  @Test func aResponseAboveTheLimitIsResourceExhausted() {
    begin()
    say(.headers(1, good), .data(1, [0, 255, 0, 0, 0]))
    #expect(client.status?.code == .resourceExhausted)
  }

  @Test func aClientDrainsToo() {
    begin()
    connection.beginDrain()
    connection.beginDrain()
    let late = RecordingClient()
    connection.start("/a.B/C", handler: late)
    #expect(late.status?.code == .unavailable && client.ends.isEmpty)
  }

  @Test func aSilentServerIsGivenUp() {
    var configuration = GRPCClientConfiguration()
    configuration.keepaliveIntervalNanos = 10
    configuration.keepaliveTimeoutNanos = 5
    let connection = GRPCClientConnection(configuration: configuration)
    connection.start("/a.B/C", deadline: MonotonicNanos(1_000), handler: client)
    #expect(connection.nextDeadline == MonotonicNanos(10))
    connection.advance(to: MonotonicNanos(10))
    #expect(connection.nextDeadline == MonotonicNanos(15))
    connection.advance(to: MonotonicNanos(15))
    #expect(connection.ending?.reason == .keepalive && connection.wantsToClose)
    connection.connectionLost()
    #expect(client.status?.code == .unavailable)
  }
}
