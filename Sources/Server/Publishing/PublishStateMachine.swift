internal import Events
internal import GRPC
internal import MarketData
internal import WireCodec

/// What a publishing stream does next. Pure: no clock, no I/O; its driver tells it what has happened and performs what it asks for.
///
/// ```
///   waiting ──granted──▶ open ──half-close, bad message, drain, takeover──▶ ending ──settled──▶ ended
///      └───────────────────┴───────────────── call lost ─────────────────────▲ (no more responses)
/// ```
/// Events change the state; `next` then gives one action after the other until nothing is due. What is due follows from the state alone, so
/// that no order of events can leave an answer, a push or the end undone.
/// - Cost: no allocation for a request of a hot shape; O(1) an event and an action.
struct PublishStateMachine {
  enum Phase: Equatable {
    /// A named publisher's older stream still has markers to come.
    case waiting
    case open
    /// Takes nothing more; the status follows the last acknowledgement.
    case ending(Status)
    case ended
  }

  enum Action: Equatable {
    /// Push what is staged, and with a number a marker behind it; answered by `pushed` or `blocked`.
    case push(read: UInt64?)
    case send(Acknowledgement)
    case pauseReceiving
    case resumeReceiving
    /// Nobody will ask for what waits beside the rings: let its items go, and try again with the markers; answered by `unblocked` or `blocked`.
    case dropBlocked
    /// Finish the call now; what is under way is completed without it.
    case finishEarly(Status)
    /// Give the name back with what is processed, finish the call with the status, and give the slot back.
    case end(Status, processed: UInt64)
  }

  /// What becomes of a request by its number.
  enum Verdict: Equatable {
    case take(sequence: UInt64)
    /// A named publisher sends it again: it was processed.
    case duplicate
    case reject(ItemRejection)
    /// The stream takes nothing more.
    case ignore
  }

  /// Items staged without a push, at most: what a blocked stream may leave in memory besides one message's items.
  static let stagedItemsMax = 4_096
  /// A client that never reads its acknowledgements is not read either.
  static let readsInFlightMax = 4_096

  let publisher: String?
  private(set) var phase = Phase.open
  /// Requests at or below it are not processed (again).
  private(set) var highest: UInt64 = 0
  /// Of the request at hand, from 1.
  private(set) var requestNumber: UInt64 = 0
  /// Nothing more is read from the client for now.
  private(set) var isPaused = false
  private var numbering = RequestNumbering()
  private var ledger = AcknowledgementLedger()
  private var rejections = RejectionNotes()
  private var stagedItems = 0
  private var blocked: BlockedPush?
  /// The read whose push is under way.
  private var pushing: UInt64?
  private var lastSent: Acknowledgement?
  /// Whether a named publisher knows where to resume: nothing is acknowledged before.
  private var hasBegun: Bool
  /// The client is gone: nobody hears answers.
  private var isLost = false

  // What is due.
  private var mustCloseRead = false
  private var mayAnswer = false
  private var resumePoint: UInt64?
  private var blockedNews: Acknowledgement.Blocked?
  private var earlyEnd: Status?
  private var mustDropBlocked = false

  init(publisher: String?) {
    self.publisher = publisher
    hasBegun = publisher == nil
  }

  // MARK: - Events: the publisher's name

  /// An older stream of the name is ending.
  mutating func mustWait() {
    if phase == .open, !hasBegun { phase = .waiting }
  }

  /// The name is this stream's, and requests up to `sequence` have been processed.
  mutating func granted(resumingAt sequence: UInt64) {
    guard phase == .waiting || (phase == .open && !hasBegun) else { return }
    phase = .open
    ledger = AcknowledgementLedger(resumingAt: sequence)
    highest = sequence
    hasBegun = true
    resumePoint = sequence
  }

  mutating func takenOver() {
    end(with: Status(.aborted, "a newer stream publishes as '\(publisher ?? "")'"))
  }

  // MARK: - Events: requests

  /// Whether plain ticks in order may be taken by `tookPlainTick`: the numbering is known, and nothing else needs looking at.
  var isPlain: Bool { isOpen && !numbering.isUnknown }

  /// Whether requests are taken. Asked for every request: comparing phases would compare their statuses.
  var isOpen: Bool {
    if case .open = phase { return true }
    return false
  }

  /// Every request had sequence 0: the server counts.
  var isCounted: Bool { numbering.isCounted }

  /// One request of one item that was taken.
  mutating func tookPlainTick(_ sequence: UInt64) {
    requestNumber += 1
    highest = sequence
    ledger.take(sequence: sequence, accepted: 1, rejected: 0)
    stagedItems += 1
    noteFullRead()
  }

  /// A request has come, readable or not.
  mutating func requestCame() { requestNumber += 1 }

  /// What becomes of the request by the number that it was given; its items follow by `took`, `skipped` or `rejected`.
  mutating func judge(_ given: UInt64) -> Verdict {
    guard isOpen else { return .ignore }
    if given == 0, let publisher {
      end(
        with: Status(
          .invalidArgument,
          "request \(requestNumber): publisher '\(publisher)' must number its requests, sequence is 0"))
      return .ignore
    }
    let sequence = numbering.number(of: given, after: highest)
    if sequence > highest { return .take(sequence: sequence) }
    return publisher != nil ? .duplicate : .reject(numbering.rejection(of: given, after: highest))
  }

  mutating func took(_ sequence: UInt64, accepted: Int, rejected: Int, rejections items: [ItemRejection]) {
    highest = sequence
    ledger.take(sequence: sequence, accepted: accepted, rejected: rejected)
    if rejected > 0 { rejections.note(items, of: sequence) }
    stagedItems += accepted
    noteFullRead()
  }

  /// A request that was processed before.
  mutating func skipped(items: Int) {
    ledger.take(sequence: 0, accepted: 0, rejected: 0, duplicates: items)
    noteFullRead()
  }

  /// A whole request whose number is not the next.
  mutating func rejected(_ given: UInt64, items: Int, _ rejection: ItemRejection) {
    ledger.take(sequence: 0, accepted: 0, rejected: items)
    rejections.note([rejection], of: given)
    noteFullRead()
  }

  /// Whether `next` has to be asked before more is taken.
  var mustPush: Bool { mustCloseRead || stagedItems >= Self.stagedItemsMax }

  /// The turn is over: what was taken in it is pushed, with a marker behind it.
  mutating func turnEnded() { mustCloseRead = ledger.requestsInOpenRead > 0 }

  // MARK: - Events: the rings

  /// A push's rest waits beside a ring.
  var isBlocked: Bool { blocked != nil }

  /// Everything is in its ring, with so many markers behind it.
  mutating func pushed(markers: Int) {
    guard let read = pushing else { return }
    pushing = nil
    ledger.pushed(read: read, markers: markers)
    // A read that touched no channel has no marker to bring its answer.
    if markers == 0 { mayAnswer = true }
  }

  /// A channel has no room: the rest waits beside its ring.
  mutating func blocked(by channel: String, at now: MonotonicNanos) {
    if blocked == nil {
      blocked = BlockedPush(read: pushing, since: now)
      if isLost { letGoOfBlocked() }
    }
    blocked?.channel = channel
    pushing = nil
  }

  /// The process has no room for what waits beside the ring: the client hears so now, not when there is room. Without a name the rest is let
  /// go of, unacknowledged; with one it is completed, since the name's next stream resumes behind it.
  mutating func restRefused(_ status: Status) {
    guard isBlocked, !isLost else { return }
    // A call that has ended its own way, or must end for another reason, is not told OK for what is let go of.
    switch phase {
    case .ending(let other) where other.code != .ok: earlyEnd = other
    case .waiting, .open, .ending: (phase, earlyEnd) = (.ending(status), status)
    case .ended: return
    }
    letGoOfBlocked()
  }

  /// What waited is in its ring.
  mutating func unblocked(markers: Int) {
    guard let blocked else { return }
    self.blocked = nil
    pushing = blocked.read
    pushed(markers: markers)
    mayAnswer = true
    // The push that blocked may have sent no marker, and no later request may come to bring one.
    mustCloseRead = ledger.requestsInOpenRead > 0
  }

  mutating func markerOut(_ marker: Marker) { ledger.markerOut(read: marker.read, tally: marker.tally) }

  /// The markers of one batch are all told.
  mutating func markersDone() { mayAnswer = true }

  // MARK: - Events: the client, time, the end

  /// The client reads again.
  mutating func writable() { mayAnswer = true }

  mutating func tick(now: MonotonicNanos) {
    mayAnswer = true
    blockedNews = blocked?.news(at: now)
  }

  /// Whether `tick` has to be called.
  var needsTick: Bool { !isLost && (blocked != nil || !ledger.isSettled || hasNews) }

  /// Takes no more requests; the call ends with `status` after the acknowledgements due.
  mutating func end(with status: Status) {
    guard phase == .waiting || phase == .open else { return }
    phase = .ending(status)
    mustCloseRead = ledger.requestsInOpenRead > 0
  }

  /// The call is gone. What is staged or named is completed all the same; what an unnamed call left beside the rings is nobody's.
  mutating func lost() {
    guard phase != .ended else { return }
    isLost = true
    end(with: Status(.cancelled, "the call is lost"))
    if blocked != nil { letGoOfBlocked() }
  }

  // MARK: - Actions

  /// What to do now; asked again until nil.
  /// - Parameter canSend: whether the client takes its responses. Those of an ending stream go all the same.
  mutating func next(canSend: Bool) -> Action? {
    if phase == .ended { return nil }
    if let status = earlyEnd {
      if let answer = nextAnswer(canSend: true) { return .send(answer) }
      earlyEnd = nil
      // From here on nobody hears answers.
      isLost = true
      return .finishEarly(status)
    }
    if mustDropBlocked {
      mustDropBlocked = false
      return .dropBlocked
    }
    if blocked == nil, let push = nextPush() { return push }
    if let answer = nextAnswer(canSend: canSend) { return .send(answer) }
    if let pause = nextPause() { return pause }
    return nextEnd()
  }

  private mutating func nextPush() -> Action? {
    if mustCloseRead {
      mustCloseRead = false
      stagedItems = 0
      let read = ledger.closeRead()
      pushing = read
      return .push(read: read)
    }
    guard stagedItems >= Self.stagedItemsMax else { return nil }
    stagedItems = 0
    return .push(read: nil)
  }

  private mutating func nextAnswer(canSend: Bool) -> Acknowledgement? {
    if isLost {
      while ledger.hasNews { _ = ledger.advance() }
      return nil
    }
    if let sequence = resumePoint {
      resumePoint = nil
      var first = acknowledgement()
      first.resumeSequence = sequence
      return sent(first)
    }
    if let news = blockedNews {
      blockedNews = nil
      // A client that does not read would have one a second kept for it, for ever.
      if canSend {
        var told = acknowledgement()
        told.blockedBy = news
        return sent(told)
      }
    }
    guard mayAnswer || isEnding, canSend || isEnding else { return nil }
    guard hasNews else {
      mayAnswer = false
      return nil
    }
    _ = ledger.advance()
    return sent(acknowledgement())
  }

  private mutating func nextPause() -> Action? {
    let inFlight = ledger.readsInFlight
    if !isPaused, blocked != nil || phase == .waiting || inFlight > Self.readsInFlightMax {
      isPaused = true
      return .pauseReceiving
    }
    if isPaused, blocked == nil, phase == .open, inFlight <= Self.readsInFlightMax / 2 {
      isPaused = false
      return .resumeReceiving
    }
    return nil
  }

  private mutating func nextEnd() -> Action? {
    guard case .ending(let status) = phase, blocked == nil, ledger.isSettled else { return nil }
    // The last response covers everything: where one that did has gone out, it need not be said again.
    let last = acknowledgement()
    if hasBegun, !isLost, last != lastSent { return .send(sent(last)) }
    phase = .ended
    return .end(status, processed: ledger.acked)
  }

  // MARK: - Inside

  private var isEnding: Bool {
    if case .ending = phase { return true }
    return false
  }

  private var hasNews: Bool { ledger.hasNews || !rejections.isEmpty }

  private mutating func noteFullRead() {
    if ledger.requestsInOpenRead >= AcknowledgementLedger.requestsPerResponse { mustCloseRead = true }
  }

  /// A name's next stream resumes behind what its last one had taken, so that must be completed; without a name nobody comes back.
  private mutating func letGoOfBlocked() { mustDropBlocked = publisher == nil }

  private mutating func sent(_ acknowledgement: Acknowledgement) -> Acknowledgement {
    lastSent = acknowledgement
    // Rejections, the resume point and what blocks are told once.
    lastSent?.rejections = []
    lastSent?.resumeSequence = 0
    lastSent?.blockedBy = nil
    return acknowledgement
  }

  private mutating func acknowledgement() -> Acknowledgement {
    let totals = ledger.totals
    var result = Acknowledgement()
    result.ackedSequence = ledger.acked
    result.accepted = totals.accepted
    result.rejected = totals.rejected
    result.duplicates = totals.duplicates
    result.dropped = totals.finished.dropped
    result.late = totals.finished.late
    result.quarantined = totals.finished.quarantined
    result.outOfSession = totals.finished.outOfSession
    result.rejections = rejections.taken()
    return result
  }
}
