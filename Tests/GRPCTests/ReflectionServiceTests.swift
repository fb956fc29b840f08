import GRPC
import TestKit
import Testing

@Suite struct ReflectionServiceTests {
  let pair: ConnectionPair
  let table = MethodTable()

  init() {
    ReflectionService(descriptorSets: [ReflectionService.builtInDescriptorSet()]).register(in: table)
    pair = ConnectionPair(table)
  }

  /// Sends one question (a string field of the request) and returns the answer's bytes as text, for its names to be looked for.
  func ask(_ field: UInt8, _ text: String, version: String = "v1") -> String {
    raw([field << 3 | 2, UInt8(text.utf8.count)] + Array(text.utf8), version: version)
  }

  func raw(_ request: [UInt8], version: String = "v1") -> String {
    let client = RecordingClient()
    let call = pair.client.start("/grpc.reflection.\(version).ServerReflection/ServerReflectionInfo", handler: client)
    call.send(request)
    call.halfClose()
    pair.pump()
    #expect(client.status == .ok)
    #expect(client.messages.count == 1)
    return String(decoding: client.messages.first ?? [], as: UTF8.self)
  }

  @Test(arguments: ["v1", "v1alpha"]) func allServicesAreListed(version: String) {
    let answer = ask(7, "", version: version)
    for name in [
      "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
    ] {
      #expect(answer.contains(name))
    }
  }

  @Test func aFileIsFoundByItsName() {
    #expect(ask(3, "grpc/health/v1/health.proto").contains("HealthCheckRequest"))
  }

  @Test(arguments: [
    "grpc.health.v1.Health", "grpc.health.v1.Health.Watch", "grpc.health.v1.HealthCheckResponse.ServingStatus",
    "grpc.health.v1.HealthCheckResponse.NOT_SERVING", "grpc.health.v1.HealthCheckRequest.service",
    ".grpc.health.v1.HealthCheckRequest",
  ]) func aFileIsFoundByEverySymbolInIt(symbol: String) {
    #expect(ask(4, symbol).contains("grpc/health/v1/health.proto"))
  }

  @Test func whatIsNotKnownIsAnErrorResponseAndTheStreamGoesOn() {
    #expect(ask(3, "no.proto").contains("no file no.proto"))
    #expect(ask(4, "no.Symbol").contains("no symbol no.Symbol"))
    #expect(ask(6, "no.Type").contains("no message no.Type"))
    #expect(raw([0x2A, 5, 0x0A, 1, 0x78, 0x10, 7]).contains("no extension 7 of x"))
    #expect(raw([]).contains("the request asks nothing"))
  }

  @Test func aKnownMessageHasNoExtensions() {
    let name = "grpc.health.v1.HealthCheckRequest"
    let answer = ask(6, name)
    #expect(!answer.contains("no message"))
    // Once in the echoed question, once as the answer's base type.
    #expect(answer.components(separatedBy: name) == 3)
  }

  @Test func bytesThatAreNoRequestEndTheCall() {
    let client = RecordingClient()
    let call = pair.client.start("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", handler: client)
    call.send([0xFF, 0xFF, 0xFF])
    pair.pump()
    #expect(client.status?.code == .invalidArgument)
  }

  @Test func aClientThatAsksAndNeverReadsIsNotAnsweredWithoutBound() {
    let client = RecordingClient()
    let call = pair.client.start("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", handler: client)
    for _ in 0..<2_000 { call.send([0x22, 22] + Array("grpc.health.v1.HealthXX".utf8.prefix(22))) }
    for _ in 0..<10 { pair.carryToServer() }
    let before = pair.server.queuedBytes
    #expect(before < 600 << 10)
    call.halfClose()
    pair.pump()
    #expect(client.messages.count == 2_000)
    #expect(client.status == .ok)
  }
}

extension String {
  /// How many pieces a separator cuts this into.
  fileprivate func components(separatedBy separator: String) -> Int {
    var rest = self[...]
    var count = 1
    while let found = rest.firstRange(of: separator) {
      count += 1
      rest = rest[found.upperBound...]
    }
    return count
  }
}
