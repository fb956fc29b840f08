import MarketData
import Testing

@testable import Server

/// Walks every (state, event) pair of a subscription's feed: what is asked for, and the phase that follows.
@Suite struct FeedStateMachineTests {
  private static let second: Int64 = 1_000_000_000
  private static func at(_ seconds: Int64) -> MonotonicNanos { MonotonicNanos(seconds * second) }

  enum State: String, CaseIterable { case due, idle, waiting, drainingDue, drainingWaiting, ended, cut, over }

  /// Heartbeats every five seconds; the last response at 100 s.
  private static func machine(_ state: State) -> FeedStateMachine {
    let events: [FeedStateMachine.Event] =
      switch state {
      case .due: [.began]
      case .idle: [.began, .sentAll]
      case .waiting: [.began, .countedAll]
      case .drainingDue: [.began, .drained]
      case .drainingWaiting: [.began, .countedAll, .drained]
      case .ended: [.began, .finished]
      case .cut: [.began, .foundTooSlow(now: at(100))]
      case .over: [.began, .stopped]
      }
    var machine = FeedStateMachine(heartbeatNanos: 5 * second, now: at(100))
    for event in events { _ = machine.handle(event) }
    return machine
  }

  private static let events: [(String, FeedStateMachine.Event)] = [
    ("begins", .began), ("log grows", .logGrew), ("writable", .writable), ("turn", .turn(isWritable: true)),
    ("turn unwritable", .turn(isWritable: false)), ("sent some", .sentSome), ("sent all", .sentAll),
    ("finished", .finished), ("counted some", .countedSome), ("counted all", .countedAll),
    ("too slow", .foundTooSlow(now: at(101))), ("tick", .tick(now: at(104), isWritable: true)),
    ("heartbeat due", .tick(now: at(105), isWritable: true)),
    ("heartbeat due, unwritable", .tick(now: at(105), isWritable: false)),
    ("grace passed", .tick(now: at(109), isWritable: false)), ("responded", .responded(now: at(103))),
    ("drained", .drained), ("stopped", .stopped), ("stream closed", .streamClosed),
  ]

  /// Of each state, what the events ask for and lead to, in their order; "-" = nothing, and the phase stays.
  private static let table: [State: [String]] = [
    .due: [
      "queue due", "-", "-", "send due", "count due", "queue due", "none idle", "none ended", "queue due",
      "none waiting", "cut cut(110)", "-", "heartbeat due", "-", "-", "-", "-", "release over", "release over",
    ],
    .idle: [
      "queue due", "queue due", "-", "-", "-", "queue due", "-", "none ended", "queue due", "none waiting",
      "cut cut(110)", "-", "heartbeat idle", "-", "-", "-", "queue due", "release over", "release over",
    ],
    .waiting: [
      "queue due", "queue due", "queue due", "-", "-", "queue due", "none idle", "none ended", "queue due", "-",
      "cut cut(110)", "-", "heartbeat waiting", "-", "-", "-", "-", "release over", "release over",
    ],
    .drainingDue: [
      "queue due", "-", "-", "send due", "count due", "queue due", "endDraining ended", "none ended", "queue due",
      "none waiting", "cut cut(110)", "-", "heartbeat due", "-", "-", "-", "-", "release over", "release over",
    ],
    .drainingWaiting: [
      "queue due", "queue due", "queue due", "-", "-", "queue due", "endDraining ended", "none ended", "queue due", "-",
      "cut cut(110)", "-", "heartbeat waiting", "-", "-", "-", "-", "release over", "release over",
    ],
    .ended: Array(repeating: "-", count: 17) + ["release over", "release over"],
    .cut: Array(repeating: "-", count: 14) + ["reset ended", "-", "-", "release over", "release over"],
    .over: Array(repeating: "-", count: 19),
  ]

  private static func word(_ phase: FeedStateMachine.Phase) -> String {
    if case .cut(let time) = phase { return "cut(\(time.nanoseconds / second))" }
    return "\(phase)"
  }

  @Test(arguments: State.allCases)
  func everyEventLeadsWhereTheTableSays(state: State) throws {
    let expected = try #require(Self.table[state])
    #expect(expected.count == Self.events.count)
    for ((name, event), words) in zip(Self.events, expected) {
      var machine = Self.machine(state)
      let before = Self.word(machine.phase)
      let action = machine.handle(event)
      let found = "\(action) \(Self.word(machine.phase))"
      #expect(found == (words == "-" ? "none \(before)" : words), "\(state.rawValue), \(name)")
    }
  }

  @Test func aHeartbeatComesWhenSoLongNothingElseDid() {
    var machine = Self.machine(.idle)
    #expect(machine.handle(.responded(now: Self.at(103))) == .none)
    #expect(machine.handle(.tick(now: Self.at(107), isWritable: true)) == .none)
    #expect(machine.handle(.tick(now: Self.at(108), isWritable: true)) == .heartbeat)
  }

  @Test func aDrainEndsBehindEverythingThatIsInTheLog() {
    var machine = Self.machine(.idle)
    #expect(machine.handle(.drained) == .queue)
    #expect(machine.handle(.turn(isWritable: true)) == .send)
    #expect(machine.handle(.sentSome) == .queue)
    #expect(machine.handle(.turn(isWritable: true)) == .send)
    #expect(machine.handle(.sentAll) == .endDraining && !machine.isRunning)
  }

  @Test func whoHasBeenResetIsNotResetAgain() {
    var machine = Self.machine(.cut)
    #expect(machine.handle(.tick(now: Self.at(200), isWritable: false)) == .reset)
    #expect(machine.handle(.tick(now: Self.at(300), isWritable: false)) == .none)
    #expect(machine.handle(.streamClosed) == .release)
  }
}
