import GRPC
import Testing

@testable import Server

/// Walks every (state, event) pair of a session: what is asked for, in order, and the phase that follows.
@Suite struct SessionStateMachineTests {
  enum State: String, CaseIterable {
    case idle, publishing, subscribed, watching, publishingAndSubscribed, halfClosedAndSubscribed,
      halfClosedAndPublishing
    case failedAndPublishing, drainingAndPublishing, drainingAndSubscribed, pausedByStream, pausedForReplies,
      pausedByBoth
    case over
  }

  static let drained = Status(.unavailable, "draining")
  static let bad = Status(.invalidArgument, "bad")

  /// How each state comes about.
  static func machine(_ state: State) -> SessionStateMachine {
    let events: [SessionStateMachine.Event] =
      switch state {
      case .idle: []
      case .publishing: [.streamBegan]
      case .subscribed: [.feedBegan]
      case .watching: [.watchBegan]
      case .publishingAndSubscribed: [.streamBegan, .feedBegan]
      case .halfClosedAndSubscribed: [.feedBegan, .halfClosed]
      case .halfClosedAndPublishing: [.streamBegan, .halfClosed]
      case .failedAndPublishing: [.streamBegan, .failed(bad)]
      case .drainingAndPublishing: [.streamBegan, .drained(drained)]
      case .drainingAndSubscribed: [.feedBegan, .drained(drained)]
      case .pausedByStream: [.streamBegan, .streamPaused]
      case .pausedForReplies: [.repliesUnread]
      case .pausedByBoth: [.streamBegan, .streamPaused, .repliesUnread]
      case .over: [.lost]
      }
    var machine = SessionStateMachine()
    for event in events { _ = machine.handle(event) }
    return machine
  }

  static let events: [(String, SessionStateMachine.Event)] = [
    ("begins named", .began(isNamed: true)), ("begins", .began(isNamed: false)), ("publish", .publishAsked),
    ("stream begins", .streamBegan), ("stream refused", .streamRefused(bad)), ("stream ends", .streamEnded(.ok)),
    ("stream fails", .streamEnded(bad)), ("feed begins", .feedBegan), ("feed ends", .feedEnded),
    ("unsubscribe", .unsubscribeAsked), ("watch begins", .watchBegan), ("stop metrics", .stopMetricsAsked),
    ("half-close", .halfClosed), ("bad frame", .failed(bad)), ("drain", .drained(drained)), ("lost", .lost),
    ("replies unread", .repliesUnread), ("replies read", .repliesRead), ("stream pauses", .streamPaused),
    ("stream resumes", .streamResumed),
  ]

  static func word(_ action: SessionStateMachine.Action) -> String {
    switch action {
    case .endStream(let status): "endStream(\(status.code))"
    case .close(let status): "close(\(status.code))"
    default: "\(action)"
    }
  }

  static func word(_ phase: SessionStateMachine.Phase) -> String {
    switch phase {
    case .open: "→open"
    case .ending(let status): "→ending(\(status.code))"
    case .over: "→over"
    }
  }

  static func outcome(_ state: State, _ event: SessionStateMachine.Event) -> String {
    var machine = machine(state)
    let actions = machine.handle(event).map(word)
    return (actions + [word(machine.phase)]).joined(separator: " ")
  }

  /// What each event brings in each state; an event that is not listed brings no action and leaves the phase as it is.
  static let table: [State: [String: String]] = [
    .idle: [
      "begins named": "openStream →open",
      "publish": "openStream →open",
      "stream refused": "close(invalidArgument) →over",
      "stream fails": "close(invalidArgument) →over",
      "half-close": "close(ok) →over",
      "bad frame": "close(invalidArgument) →over",
      "drain": "tellDraining close(unavailable) →over",
      "lost": "release →over",
      "replies unread": "pauseReceiving →open",
      "stream pauses": "pauseReceiving →open",
      "stream resumes": "resumeReceiving →open",
    ],
    .publishing: [
      "stream refused": "endStream(invalidArgument) →ending(invalidArgument)",
      "stream fails": "close(invalidArgument) →over",
      "half-close": "halfCloseStream →open",
      "bad frame": "endStream(invalidArgument) →ending(invalidArgument)",
      "drain": "tellDraining endStream(unavailable) →ending(unavailable)",
      "lost": "loseStream release →over",
      "replies unread": "pauseReceiving →open",
      "stream pauses": "pauseReceiving →open",
      "stream resumes": "resumeReceiving →open",
    ],
    .subscribed: [
      "begins named": "openStream →open",
      "publish": "openStream →open",
      "stream refused": "stopFeed close(invalidArgument) →over",
      "stream fails": "close(invalidArgument) →over",
      "unsubscribe": "stopFeed →open",
      "bad frame": "stopFeed close(invalidArgument) →over",
      "drain": "tellDraining →ending(unavailable)",
      "lost": "release →over",
      "replies unread": "pauseReceiving →open",
      "stream pauses": "pauseReceiving →open",
      "stream resumes": "resumeReceiving →open",
    ],
    .watching: [
      "begins named": "openStream →open",
      "publish": "openStream →open",
      "stream refused": "close(invalidArgument) →over",
      "stream fails": "close(invalidArgument) →over",
      "stop metrics": "stopWatch →open",
      "bad frame": "close(invalidArgument) →over",
      "drain": "tellDraining stopWatch close(unavailable) →over",
      "lost": "release →over",
      "replies unread": "pauseReceiving →open",
      "stream pauses": "pauseReceiving →open",
      "stream resumes": "resumeReceiving →open",
    ],
    .publishingAndSubscribed: [
      "stream refused": "stopFeed endStream(invalidArgument) →ending(invalidArgument)",
      "stream fails": "close(invalidArgument) →over",
      "unsubscribe": "stopFeed →open",
      "half-close": "halfCloseStream →open",
      "bad frame": "stopFeed endStream(invalidArgument) →ending(invalidArgument)",
      "drain": "tellDraining endStream(unavailable) →ending(unavailable)",
      "lost": "loseStream release →over",
      "replies unread": "pauseReceiving →open",
      "stream pauses": "pauseReceiving →open",
      "stream resumes": "resumeReceiving →open",
    ],
    .halfClosedAndSubscribed: [
      "begins named": "openStream →open",
      "publish": "openStream →open",
      "stream refused": "stopFeed close(invalidArgument) →over",
      "stream fails": "close(invalidArgument) →over",
      "feed ends": "close(ok) →over",
      "unsubscribe": "stopFeed close(ok) →over",
      "bad frame": "stopFeed close(invalidArgument) →over",
      "drain": "tellDraining →ending(unavailable)",
      "lost": "release →over",
      "replies unread": "pauseReceiving →open",
      "stream pauses": "pauseReceiving →open",
      "stream resumes": "resumeReceiving →open",
    ],
    .halfClosedAndPublishing: [
      "stream refused": "endStream(invalidArgument) →ending(invalidArgument)",
      "stream ends": "close(ok) →over",
      "stream fails": "close(invalidArgument) →over",
      "half-close": "halfCloseStream →open",
      "bad frame": "endStream(invalidArgument) →ending(invalidArgument)",
      "drain": "tellDraining endStream(unavailable) →ending(unavailable)",
      "lost": "loseStream release →over",
      "replies unread": "pauseReceiving →open",
      "stream pauses": "pauseReceiving →open",
      "stream resumes": "resumeReceiving →open",
    ],
    .failedAndPublishing: [
      "stream ends": "close(invalidArgument) →over",
      "stream fails": "close(invalidArgument) →over",
      "half-close": "halfCloseStream →ending(invalidArgument)",
      "lost": "loseStream release →over",
      "stream pauses": "pauseReceiving →ending(invalidArgument)",
      "stream resumes": "resumeReceiving →ending(invalidArgument)",
    ],
    .drainingAndPublishing: [
      "stream ends": "close(unavailable) →over",
      "stream fails": "close(unavailable) →over",
      "half-close": "halfCloseStream →ending(unavailable)",
      "lost": "loseStream release →over",
      "stream pauses": "pauseReceiving →ending(unavailable)",
      "stream resumes": "resumeReceiving →ending(unavailable)",
    ],
    .drainingAndSubscribed: [
      "feed ends": "close(unavailable) →over",
      "unsubscribe": "stopFeed close(unavailable) →over",
      "lost": "release →over",
      "stream pauses": "pauseReceiving →ending(unavailable)",
      "stream resumes": "resumeReceiving →ending(unavailable)",
    ],
    .pausedByStream: [
      "stream refused": "endStream(invalidArgument) →ending(invalidArgument)",
      "stream fails": "close(invalidArgument) →over",
      "half-close": "halfCloseStream →open",
      "bad frame": "endStream(invalidArgument) →ending(invalidArgument)",
      "drain": "tellDraining endStream(unavailable) →ending(unavailable)",
      "lost": "loseStream release →over",
      "replies unread": "pauseReceiving →open",
      "stream pauses": "pauseReceiving →open",
      "stream resumes": "resumeReceiving →open",
    ],
    .pausedForReplies: [
      "begins named": "openStream →open",
      "publish": "openStream →open",
      "stream refused": "close(invalidArgument) →over",
      "stream fails": "close(invalidArgument) →over",
      "half-close": "close(ok) →over",
      "bad frame": "close(invalidArgument) →over",
      "drain": "tellDraining close(unavailable) →over",
      "lost": "release →over",
      "replies read": "resumeReceiving →open",
      "stream pauses": "pauseReceiving →open",
    ],
    .pausedByBoth: [
      "stream refused": "endStream(invalidArgument) →ending(invalidArgument)",
      "stream fails": "close(invalidArgument) →over",
      "half-close": "halfCloseStream →open",
      "bad frame": "endStream(invalidArgument) →ending(invalidArgument)",
      "drain": "tellDraining endStream(unavailable) →ending(unavailable)",
      "lost": "loseStream release →over",
      "stream pauses": "pauseReceiving →open",
    ],
    .over: [:],
  ]

  @Test(arguments: State.allCases)
  func everyEventInEveryState(state: State) {
    let unchanged = Self.word(Self.machine(state).phase)
    for (name, event) in Self.events {
      #expect(Self.outcome(state, event) == Self.table[state]?[name] ?? unchanged, "\(state), \(name)")
    }
  }

  @Test func everyStateAndOnlyKnownEventsAreInTheTable() {
    #expect(Set(Self.table.keys) == Set(State.allCases))
    let names = Set(Self.events.map { $0.0 })
    #expect(names.count == Self.events.count)
    for row in Self.table.values { #expect(names.isSuperset(of: row.keys)) }
  }

  @Test func aWatchKeepsAHalfClosedSessionOpen() {
    var machine = Self.machine(.watching)
    #expect(machine.handle(.halfClosed) == [])
    #expect(machine.handle(.stopMetricsAsked) == [.stopWatch, .close(.ok)])
    #expect(machine.phase == .over)
  }

  @Test func receivingGoesOnWhenNobodyWantsItPaused() {
    var machine = Self.machine(.pausedByBoth)
    #expect(machine.handle(.repliesRead) == [])
    #expect(machine.handle(.streamResumed) == [.resumeReceiving])
  }
}
