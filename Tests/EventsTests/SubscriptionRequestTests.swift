import Events
import MarketData
import Testing

/// What a request may ask for.
@Suite struct SubscriptionRequestTests {
  private typealias Change = @Sendable (inout SubscriptionRequest) -> Void

  private static let badFields: [(field: String, change: Change)] = [
    ("symbols[0]", { (r: inout SubscriptionRequest) in r.symbols = [""] }),
    ("symbols[1]", { r in r.symbols = ["A", "A*B"] }),
    ("symbols", { r in r.symbols = Array(repeating: "A", count: 100_001) }),
    ("types[0]", { r in r.types = [0] }), ("types[1]", { r in r.types = [1, 13] }),
    ("directions[0]", { r in r.directions = [4] }), ("sessions[0]", { r in r.sessions = [-1] }),
    ("min_significance", { r in r.minSignificance = 100.5 }), ("min_significance", { r in r.minSignificance = .nan }),
    ("from_sequence", { r in r.start = .sequence(0) }), ("slow_consumer", { r in r.slowConsumer = 4 }),
    ("max_queue", { r in r.maxQueue = 10_000_001 }), ("heartbeat_ms", { r in r.heartbeatMillis = 99 }),
    ("heartbeat_ms", { r in r.heartbeatMillis = 60_001 }),
    ("subscription_id", { r in r.subscriptionID = String(repeating: "x", count: 257) }),
  ]

  @Test(arguments: badFields.indices)
  func aFieldOutOfRangeIsNamed(index: Int) {
    let (field, change) = Self.badFields[index]
    var request = SubscriptionRequest()
    change(&request)
    do {
      _ = try request.validated()
      Issue.record("\(field) was accepted")
    } catch {
      #expect(error.field == field)
    }
  }

  @Test func defaultsAreFilledIn() throws {
    let valid = try SubscriptionRequest().validated()
    #expect(valid.policy == .disconnect)
    #expect(valid.maxQueue == 65_536)
    #expect(valid.heartbeatNanos == 5_000_000_000)
  }
}
