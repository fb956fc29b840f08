import GRPC
import TestKit
import Testing

@Suite struct HealthServiceTests {
  let registry = HealthRegistry(services: ["a.B"])
  let service: HealthService
  let pair: ConnectionPair
  let table = MethodTable()

  init() {
    service = HealthService(registry: registry)
    service.register(in: table)
    pair = ConnectionPair(table)
  }

  func ask(_ method: String, _ service: String) -> (call: ClientCall, client: RecordingClient) {
    let client = RecordingClient()
    let call = pair.client.start("/grpc.health.v1.Health/\(method)", handler: client)
    let name = Array(service.utf8)
    call.send(name.isEmpty ? [] : [0x0A, UInt8(name.count)] + name)
    call.halfClose()
    pair.pump()
    return (call, client)
  }

  @Test func aKnownServiceAndTheServerAsAWholeAreServing() {
    #expect(ask("Check", "a.B").client.messages == [[0x08, 1]])
    #expect(ask("Check", "").client.messages == [[0x08, 1]])
  }

  @Test func anUnknownServiceIsNotFound() {
    #expect(ask("Check", "x").client.status?.code == .notFound)
  }

  @Test func aMessageThatIsNoRequestIsInvalid() {
    let client = RecordingClient()
    let call = pair.client.start("/grpc.health.v1.Health/Check", handler: client)
    call.send([0x0A, 200, 1])
    call.halfClose()
    pair.pump()
    #expect(client.status?.code == .invalidArgument)
  }

  @Test func aWatcherHearsTheStateAndEachChangeOnce() {
    let (_, client) = ask("Watch", "a.B")
    #expect(client.messages == [[0x08, 1]])
    registry.setAll(.notServing)
    service.publishChanges()
    service.publishChanges()
    pair.pump()
    #expect(client.messages == [[0x08, 1], [0x08, 2]])
  }

  @Test func aWatcherOfAnUnknownServiceIsToldSoAndHearsWhenItComes() {
    let (_, client) = ask("Watch", "later")
    #expect(client.messages == [[0x08, 3]])
    registry.set(.serving, for: "later")
    service.publishChanges()
    pair.pump()
    #expect(client.messages == [[0x08, 3], [0x08, 1]])
  }

  @Test func aWatcherThatLeavesIsForgotten() {
    let (call, _) = ask("Watch", "a.B")
    #expect(service.watcherCount == 1)
    call.cancel()
    pair.pump()
    #expect(service.watcherCount == 0)
  }

  @Test func observersHearOfEveryChange() {
    nonisolated(unsafe) var heard = 0  // called on this thread, within `set`
    registry.observe { heard += 1 }
    registry.set(.notServing, for: "a.B")
    registry.setAll(.serving)
    #expect(heard == 2)
  }
}
