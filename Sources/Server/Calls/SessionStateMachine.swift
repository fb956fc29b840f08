internal import GRPC

/// What a `Session` does next: when its publishing, its subscription and its watch begin and end, when it is read, and when the call ends. Pure.
///
/// ```
///   open ──bad frame, refused publisher──▶ ending ──publishing settled──────────────────▶ over
///     ├───server drains──────────────────▶ ending ──publishing settled, events sent─────▶ over
///     ├───half-closed, nothing runs any more, or the publishing failed──────────────────▶ over
///     └───call lost─────────────────────────────────────────────────────────────────────▶ over
/// ```
struct SessionStateMachine {
  enum Event: Equatable {
    /// The call has come. A named publisher hears where to resume before it sends anything.
    case began(isNamed: Bool)
    case publishAsked
    case streamBegan
    case streamRefused(Status)
    case streamEnded(Status)
    case feedBegan
    /// The subscription ended by itself, and the client has been told.
    case feedEnded
    case unsubscribeAsked
    case watchBegan
    case stopMetricsAsked
    case halfClosed
    /// A frame that cannot be taken.
    case failed(Status)
    case drained(Status)
    case lost
    /// The client does not read what it has asked for.
    case repliesUnread
    case repliesRead
    /// The publishing wants nothing to come in for now, or wants more.
    case streamPaused
    case streamResumed
  }

  enum Action: Equatable {
    case openStream
    case halfCloseStream
    case endStream(Status)
    case loseStream
    case stopFeed
    case stopWatch
    case tellDraining
    case pauseReceiving
    case resumeReceiving
    /// Stop what still runs, and finish the call.
    case close(Status)
    /// Stop what still runs: there is no call any more.
    case release
  }

  enum Phase: Equatable {
    case open
    /// Takes no more frames; the status follows what is due.
    case ending(Status)
    case over
  }

  private(set) var phase = Phase.open
  private(set) var hasStream = false
  private var hasFeed = false
  private var hasWatch = false
  private var hasHalfClosed = false
  private var isPausedByStream = false
  private var isPausedForReplies = false

  /// Whether frames are taken.
  var isOpen: Bool { phase == .open }

  mutating func handle(_ event: Event) -> [Action] {
    if phase == .over { return [] }
    switch event {
    case .began(let isNamed): return isNamed ? handle(.publishAsked) : []
    case .publishAsked: return isOpen && !hasStream ? [.openStream] : []
    case .streamBegan:
      hasStream = true
      return []
    case .streamRefused(let status), .failed(let status): return end(status)
    case .streamEnded(let status):
      hasStream = false
      if isOpen, status.code != .ok { return close(status) }
      return closeIfDone()
    case .feedBegan:
      hasFeed = true
      return []
    case .feedEnded:
      hasFeed = false
      return closeIfDone()
    case .unsubscribeAsked:
      let stop: [Action] = hasFeed ? [.stopFeed] : []
      hasFeed = false
      return stop + closeIfDone()
    case .watchBegan:
      hasWatch = true
      return []
    case .stopMetricsAsked:
      let stop: [Action] = hasWatch ? [.stopWatch] : []
      hasWatch = false
      return stop + closeIfDone()
    case .halfClosed:
      hasHalfClosed = true
      return hasStream ? [.halfCloseStream] : closeIfDone()
    case .drained(let status): return drain(status)
    case .lost:
      phase = .over
      return hasStream ? [.loseStream, .release] : [.release]
    case .repliesUnread:
      guard isOpen, !isPausedForReplies else { return [] }
      isPausedForReplies = true
      return [.pauseReceiving]
    case .repliesRead:
      guard isPausedForReplies else { return [] }
      isPausedForReplies = false
      return isPausedByStream ? [] : [.resumeReceiving]
    case .streamPaused:
      isPausedByStream = true
      return [.pauseReceiving]
    case .streamResumed:
      isPausedByStream = false
      return isPausedForReplies ? [] : [.resumeReceiving]
    }
  }

  /// A bad frame ends the call behind the last acknowledgement; events that were asked for are not waited for.
  private mutating func end(_ status: Status) -> [Action] {
    guard isOpen else { return [] }
    phase = .ending(status)
    let stop: [Action] = hasFeed ? [.stopFeed] : []
    hasFeed = false
    return stop + (hasStream ? [.endStream(status)] : close(status))
  }

  /// The client is told; what it has published is acknowledged, and its subscription gets every event, before the end.
  private mutating func drain(_ status: Status) -> [Action] {
    guard isOpen else { return [] }
    phase = .ending(status)
    var actions: [Action] = [.tellDraining]
    if hasWatch { actions.append(.stopWatch) }
    hasWatch = false
    return actions + (hasStream ? [.endStream(status)] : closeIfDone())
  }

  private mutating func closeIfDone() -> [Action] {
    guard !hasStream, !hasFeed else { return [] }
    if case .ending(let status) = phase { return close(status) }
    return hasHalfClosed && !hasWatch ? close(.ok) : []
  }

  private mutating func close(_ status: Status) -> [Action] {
    phase = .over
    return [.close(status)]
  }
}
