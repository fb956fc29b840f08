import Events
import GRPC
import MarketData
import Testing
import WireCodec

@testable import Server

/// Walks every (state, event) pair of a publishing stream: the phase that follows, and what is asked for, in order.
@Suite struct PublishStateMachineTests {
  /// A state by how it comes about.
  enum State: String, CaseIterable {
    case waiting, open, openNamed, taken, inFlight, rejections, blocked, blockedInRead, blockedNamed, tooManyReads
    case endingInFlight, endingBlocked, lostInFlight, ended
  }

  enum Event: String, CaseIterable {
    case granted, mustWait, takenOver, took, duplicate, turnEnded, markerOut, unblocked, blocked, writable, tick
    case halfClosed, drained, lost, restRefused
  }

  static let drained = Status(.unavailable, "server is draining")

  static func machine(_ state: State) -> PublishStateMachine {
    let isNamed = [.waiting, .openNamed, .blockedNamed].contains(state)
    var machine = PublishStateMachine(publisher: isNamed ? "feed" : nil)
    func take(_ count: Int = 1) {
      for _ in 0..<count {
        machine.requestCame()
        guard case .take(let sequence) = machine.judge(machine.highest + 1) else { continue }
        machine.took(sequence, accepted: 1, rejected: 0, rejections: [])
      }
    }
    /// Performs what is due; pushes end as `push` says.
    func settle(_ push: (inout PublishStateMachine) -> Void = { $0.pushed(markers: 1) }) {
      while let action = machine.next(canSend: true) {
        if case .push = action { push(&machine) }
      }
    }
    func block(_ machine: inout PublishStateMachine) { machine.blocked(by: "ticks-1", at: MonotonicNanos(0)) }
    if isNamed, state != .waiting {
      machine.granted(resumingAt: 10)
      settle()
    }
    switch state {
    case .waiting: machine.mustWait()
    case .open, .openNamed: break
    case .taken: take()
    case .inFlight, .endingInFlight, .lostInFlight:
      take()
      machine.turnEnded()
    case .rejections:
      machine.requestCame()
      _ = machine.judge(1)
      machine.took(1, accepted: 0, rejected: 1, rejections: [ItemRejection(index: 0, code: .badPrice, detail: "")])
    case .blocked, .blockedNamed, .endingBlocked:
      take()
      machine.turnEnded()
      settle(block)
    case .blockedInRead:
      machine.requestCame()
      _ = machine.judge(1)
      machine.took(1, accepted: PublishStateMachine.stagedItemsMax, rejected: 0, rejections: [])
      settle(block)
    case .tooManyReads:
      for _ in 0...PublishStateMachine.readsInFlightMax {
        take()
        machine.turnEnded()
        settle()
      }
    case .ended: machine.end(with: .ok)
    }
    if state != .taken, state != .rejections { settle() }
    switch state {
    case .endingInFlight, .endingBlocked: machine.end(with: .ok)
    case .lostInFlight: machine.lost()
    default: break
    }
    settle()
    return machine
  }

  static func apply(_ event: Event, to machine: inout PublishStateMachine) {
    switch event {
    case .granted: machine.granted(resumingAt: 20)
    case .mustWait: machine.mustWait()
    case .takenOver: machine.takenOver()
    case .took:
      machine.requestCame()
      if case .take(let sequence) = machine.judge(machine.highest + 1) {
        machine.took(sequence, accepted: 1, rejected: 0, rejections: [])
      }
    case .duplicate:
      machine.requestCame()
      switch machine.judge(max(1, machine.highest)) {
      case .duplicate: machine.skipped(items: 1)
      case .reject(let rejection): machine.rejected(machine.highest, items: 1, rejection)
      case .take(let sequence): machine.took(sequence, accepted: 1, rejected: 0, rejections: [])
      case .ignore: break
      }
    case .turnEnded: machine.turnEnded()
    case .markerOut:
      machine.markerOut(Marker(slot: StreamSlot(0), read: 0))
      machine.markersDone()
    case .unblocked: machine.unblocked(markers: 1)
    case .blocked: if machine.isBlocked { machine.blocked(by: "ticks-2", at: MonotonicNanos(5)) }
    case .writable: machine.writable()
    case .tick: machine.tick(now: MonotonicNanos(1_000_000_000))
    case .halfClosed: machine.end(with: .ok)
    case .drained: machine.end(with: drained)
    case .lost: machine.lost()
    case .restRefused: machine.restRefused(Status(.resourceExhausted))
    }
  }

  /// What follows: the actions in order, then the phase.
  static func outcome(_ state: State, _ event: Event) -> String {
    var machine = machine(state)
    apply(event, to: &machine)
    var words: [String] = []
    while let action = machine.next(canSend: true), words.count < 10 {
      words.append(word(action))
      switch action {
      case .push: machine.pushed(markers: 1)
      case .dropBlocked: machine.unblocked(markers: 1)
      default: break
      }
    }
    words.append(word(machine.phase))
    return words.joined(separator: " ")
  }

  static func word(_ action: PublishStateMachine.Action) -> String {
    switch action {
    case .push(let read): read.map { "push\($0)" } ?? "push"
    case .send(let answer):
      "send(\(answer.ackedSequence)"
        + (answer.resumeSequence > 0 ? " resume \(answer.resumeSequence)" : "")
        + (answer.blockedBy.map { " blocked by \($0.channel)" } ?? "")
        + (answer.rejections.isEmpty ? "" : " rejections \(answer.rejections.count)")
        + (answer.duplicates > 0 ? " duplicates \(answer.duplicates)" : "") + ")"
    case .pauseReceiving: "pause"
    case .resumeReceiving: "resume"
    case .dropBlocked: "drop"
    case .finishEarly(let status): "finish(\(status.code))"
    case .end(let status, let processed): "end(\(status.code) \(processed))"
    }
  }

  static func word(_ phase: PublishStateMachine.Phase) -> String {
    switch phase {
    case .waiting: "→waiting"
    case .open: "→open"
    case .ending: "→ending"
    case .ended: "→ended"
    }
  }

  /// What each event brings in each state; an event that is not listed brings no action and leaves the phase as it is.
  static let table: [State: [Event: String]] = [
    .waiting: [
      .granted: "send(20 resume 20) resume →open",
      .takenOver: "end(aborted 0) →ended",
      .halfClosed: "end(ok 0) →ended",
      .drained: "end(unavailable 0) →ended",
      .lost: "end(cancelled 0) →ended",
    ],
    .open: [
      .takenOver: "send(0) end(aborted 0) →ended",
      .halfClosed: "send(0) end(ok 0) →ended",
      .drained: "send(0) end(unavailable 0) →ended",
      .lost: "end(cancelled 0) →ended",
    ],
    .openNamed: [
      .takenOver: "end(aborted 10) →ended",
      .halfClosed: "end(ok 10) →ended",
      .drained: "end(unavailable 10) →ended",
      .lost: "end(cancelled 10) →ended",
    ],
    .taken: [
      .takenOver: "push0 →ending",
      .turnEnded: "push0 →open",
      .halfClosed: "push0 →ending",
      .drained: "push0 →ending",
      .lost: "push0 →ending",
    ],
    .inFlight: [
      .takenOver: "→ending",
      .markerOut: "send(1) →open",
      .halfClosed: "→ending",
      .drained: "→ending",
      .lost: "→ending",
    ],
    .rejections: [
      .takenOver: "push0 send(0 rejections 1) →ending",
      .turnEnded: "push0 →open",
      .markerOut: "send(0 rejections 1) →open",
      .writable: "send(0 rejections 1) →open",
      .tick: "send(0 rejections 1) →open",
      .halfClosed: "push0 send(0 rejections 1) →ending",
      .drained: "push0 send(0 rejections 1) →ending",
      .lost: "push0 →ending",
    ],
    .blocked: [
      .takenOver: "→ending",
      .unblocked: "resume →open",
      .tick: "send(0 blocked by ticks-1) →open",
      .halfClosed: "→ending",
      .drained: "→ending",
      .lost: "drop →ending",
      .restRefused: "finish(resourceExhausted) drop →ending",
    ],
    .blockedInRead: [
      .takenOver: "→ending",
      .unblocked: "push0 resume →open",
      .tick: "send(0 blocked by ticks-1) →open",
      .halfClosed: "→ending",
      .drained: "→ending",
      .lost: "drop push0 →ending",
      .restRefused: "finish(resourceExhausted) drop push0 →ending",
    ],
    .blockedNamed: [
      .takenOver: "→ending",
      .unblocked: "resume →open",
      .tick: "send(10 blocked by ticks-1) →open",
      .halfClosed: "→ending",
      .drained: "→ending",
      .lost: "→ending",
      .restRefused: "finish(resourceExhausted) →ending",
    ],
    .tooManyReads: [
      .takenOver: "→ending",
      .markerOut: "send(1) →open",
      .halfClosed: "→ending",
      .drained: "→ending",
      .lost: "→ending",
    ],
    .endingInFlight: [
      .markerOut: "send(1) end(ok 1) →ended"
    ],
    .endingBlocked: [
      .tick: "send(0 blocked by ticks-1) →ending",
      .lost: "drop →ending",
      .restRefused: "finish(resourceExhausted) drop →ending",
    ],
    .lostInFlight: [
      .markerOut: "end(cancelled 1) →ended"
    ],
    .ended: [:],
  ]

  @Test(arguments: State.allCases, Event.allCases)
  func everyEventInEveryState(state: State, event: Event) {
    let unchanged = Self.word(Self.machine(state).phase)
    #expect(Self.outcome(state, event) == Self.table[state]?[event] ?? unchanged, "\(state) \(event)")
  }

  @Test func everyStateIsInTheTable() { #expect(Set(Self.table.keys) == Set(State.allCases)) }

  @Test func aBlockedPublisherThatDoesNotReadIsKeptNoNoticesFor() {
    var machine = Self.machine(.blocked)
    for second in 1...3 {
      machine.tick(now: MonotonicNanos(Int64(second) * 1_000_000_000))
      #expect(machine.next(canSend: false) == nil)
    }
  }

  @Test func aClientThatReadsAgainGetsWhatIsDue() {
    var machine = Self.machine(.inFlight)
    machine.markerOut(Marker(slot: StreamSlot(0), read: 0))
    machine.markersDone()
    #expect(machine.next(canSend: false) == nil)
    guard case .send(let answer)? = machine.next(canSend: true) else {
      Issue.record("nothing sent")
      return
    }
    #expect(answer.ackedSequence == 1)
  }

  @Test func aReadIsClosedAfterAsManyRequestsAsAResponseMayAcknowledge() {
    var machine = PublishStateMachine(publisher: nil)
    for number in 1...UInt64(AcknowledgementLedger.requestsPerResponse) {
      #expect(!machine.mustPush)
      machine.requestCame()
      #expect(machine.judge(number) == .take(sequence: number))
      machine.took(number, accepted: 1, rejected: 0, rejections: [])
    }
    #expect(machine.mustPush)
    #expect(machine.next(canSend: true) == .push(read: 0))
  }

  @Test func whatWasLetGoOfIsNeverAcknowledged() {
    var machine = Self.machine(.blocked)
    machine.restRefused(Status(.resourceExhausted, "no room"))
    var actions: [PublishStateMachine.Action] = []
    while let action = machine.next(canSend: true) {
      actions.append(action)
      if action == .dropBlocked { machine.unblocked(markers: 1) }
    }
    machine.markerOut(Marker(slot: StreamSlot(0), read: 0))
    machine.markersDone()
    while let action = machine.next(canSend: true) { actions.append(action) }
    let status = Status(.resourceExhausted, "no room")
    #expect(actions == [.finishEarly(status), .dropBlocked, .end(status, processed: 1)])
  }

  @Test func aCallThatEndsForAReasonKeepsItWhenItsRestIsRefused() {
    var machine = Self.machine(.blocked)
    machine.end(with: Self.drained)
    machine.restRefused(Status(.resourceExhausted, "no room"))
    #expect(machine.next(canSend: true) == .finishEarly(Self.drained))
    #expect(machine.next(canSend: true) == .dropBlocked)
  }

  @Test func aNamedPublisherMustNumberItsRequests() {
    var machine = Self.machine(.openNamed)
    machine.requestCame()
    #expect(machine.judge(0) == .ignore)
    guard case .ending(let status) = machine.phase else {
      Issue.record("still \(machine.phase)")
      return
    }
    #expect(status.code == .invalidArgument)
    #expect(status.message.contains("request 1") && status.message.contains("feed"))
  }
}
