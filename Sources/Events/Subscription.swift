package import MarketData

/// One subscriber's place in the log, and what its slowness means. Pure: it reads the log and says what to send; no I/O, no clock.
///
/// ```
///   past ──position beyond the log's end at the start──▶ live ──more than max_queue wait──▶ disconnected | dropping | conflating
/// ```
/// No call looks at more entries than it is allowed to; what is left then, `hasMoreToLookAt` tells.
/// Memory: O(1), besides what CONFLATE keeps; names are shared by all that ask for the same.
/// - Source: contract.md, `SubscribeRequest` and `SubscribeResponse`.
package struct Subscription {
  package enum MissedReason: UInt8, Sendable {
    case slowConsumer = 1
    case noLongerKept = 2
    case logReplaced = 3
  }

  /// What to send next.
  package enum Output: Equatable, Sendable {
    /// Encoded events, each ready for an `EventBatch`; the times of receipt of live ones, for the latency metric.
    case events(bytes: [UInt8], count: Int, receivedTimes: [UnixNanos])
    case missed(first: UInt64, last: UInt64, MissedReason)
    case caughtUp(last: UInt64)
    /// The subscription is over.
    case ended(End)
  }

  package enum End: Equatable, Sendable {
    case caughtUp
    /// Too slow, under DISCONNECT; the last event sent, 0 if none.
    case tooSlow(lastSent: UInt64)
  }

  package static let eventsPerResponse = 512
  /// No response has more bytes of events, but for the last event's.
  package static let bytesPerResponse = 128 << 10

  package let valid: SubscriptionRequest.Valid
  package let log: MemoryEventLog
  private var filter: SubscriptionFilter
  /// The next event to look at for sending.
  var position: UInt64
  /// The log's end when the subscription began.
  private let target: UInt64
  private(set) var isLive = false
  /// Whether nothing was left to send at any moment yet: before, it reads the past and is never slow.
  private(set) var wasUpToDate = false
  private var pendingMissed: [(first: UInt64, last: UInt64, reason: MissedReason)] = []
  /// The last event given to be sent; 0 = none.
  package internal(set) var lastSent: UInt64 = 0
  var ended: End?
  private(set) var hasEnded = false
  /// Events from before it are not wanted, up to the first that is not from before it.
  private let notBefore: UnixNanos?
  private var firstWanted = UInt64.max
  /// Where the segment begins that was entered last, as one that may hold something wanted.
  private var enteredSegment: UInt64 = 0
  /// Whether the last call ended only because it had looked at enough.
  package internal(set) var hasMoreToLookAt = false
  /// Matching events that wait, counted over `position ..< counted`.
  var waiting = 0
  var counted: UInt64
  /// DROP_OLDEST: the first match left out since the last event sent.
  var firstDropped: UInt64?
  /// CONFLATE: what waits while it is behind; everything before `position`, which is `counted` then.
  var conflated: ConflatedEvents?
  /// CONFLATE: what has been left out and not told.
  var leftOut: (first: UInt64, last: UInt64)?

  package init(_ valid: SubscriptionRequest.Valid, filter: SubscriptionFilter, log: MemoryEventLog) {
    self.valid = valid
    self.filter = filter
    self.log = log
    let last = log.lastSequence
    // What is retired after this look is told as overtaken.
    let found: UInt64? =
      if case .time(let time) = valid.request.start { log.firstSequence(notBefore: time) } else { nil }
    let first = log.firstSequence
    target = last
    if case .time(let time) = valid.request.start { notBefore = time } else { notBefore = nil }
    switch valid.request.start {
    case .now:
      position = last + 1
      wasUpToDate = true
    case .time(let time):
      position = max(first, found ?? first)
      // Some of those that are gone may not have been before it; nobody knows which, so all are told as missed.
      if position == first, first > 1, log.newestGone >= time { pendingMissed = [(1, first - 1, .noLongerKept)] }
    case .sequence(let wanted):
      let isOtherLog = !valid.request.logID.isEmpty && valid.request.logID != log.id
      if isOtherLog || wanted > last + 1 {
        pendingMissed = [(wanted, last, .logReplaced)]
        position = first
      } else {
        if wanted < first { pendingMissed = [(wanted, first - 1, .noLongerKept)] }
        position = max(wanted, first)
      }
    }
    counted = position
  }

  /// Whether the first thing to tell is that the cursor belongs to another log.
  package var beginsWithLogReplaced: Bool { pendingMissed.first?.reason == .logReplaced }

  /// Whether it has come to its end by slowness; `next` tells.
  package var isTooSlow: Bool {
    if case .tooSlow = ended { return !hasEnded }
    return false
  }

  /// Everything up to it that matches has been sent.
  package var sentUpTo: UInt64 {
    var sent = position - 1
    // Of another log a cursor says nothing here.
    if let missed = pendingMissed.first, missed.reason == .noLongerKept { sent = min(sent, missed.first - 1) }
    if let firstDropped { sent = min(sent, firstDropped - 1) }
    if let leftOut { sent = min(sent, leftOut.first - 1) }
    if let oldest = conflated?.oldest { sent = min(sent, oldest - 1) }
    return sent
  }

  /// The next thing to send; nil when there is nothing now.
  /// - Parameters:
  ///   - looks: how many entries may be looked at; falls by what was.
  ///   - bytesMax: a response is closed when it has this many bytes of events.
  package mutating func next(
    _ reader: LogReader, looks: inout Int, bytesMax: Int = Self.bytesPerResponse
  ) -> Output? {
    hasMoreToLookAt = false
    if hasEnded { return nil }
    if let ended {
      hasEnded = true
      return .ended(ended)
    }
    if !pendingMissed.isEmpty {
      let missed = pendingMissed.removeFirst()
      return .missed(first: missed.first, last: missed.last, missed.reason)
    }
    if let output = nextConflated(bytesMax) { return output }
    if let output = nextFromLog(reader, &looks, bytesMax) { return output }
    if !isLive, position > target {
      isLive = true
      counted = position
      waiting = 0
      if position > log.lastSequence { wasUpToDate = true }
      if valid.request.endWhenCaughtUp { ended = .caughtUp }
      return .caughtUp(last: target)
    }
    return nil
  }

  private mutating func nextFromLog(_ reader: LogReader, _ looks: inout Int, _ bytesMax: Int) -> Output? {
    // The past ends where the log ended at the start: CAUGHT_UP comes between.
    let end = isLive ? log.lastSequence : target
    if let missed = overtaken() { return missed }
    var bytes: [UInt8] = []
    var count = 0
    var times: [UnixNanos] = []
    while count < Self.eventsPerResponse, bytes.count < bytesMax {
      let (found, place) = match(from: position, through: end, reader, &looks)
      // What was passed over stays passed over.
      position = place
      guard let (entry, segment) = found else { break }
      if let first = firstDropped {
        firstDropped = nil
        return .missed(first: first, last: position - 1, .slowConsumer)
      }
      segment.copy(entry, to: &bytes)
      count += 1
      if isLive { times.append(entry.receivedTime) }
      lastSent = position
      if position < counted { waiting -= 1 }
      position += 1
    }
    if isLive, position > end { wasUpToDate = true }
    if counted <= position {
      counted = position
      waiting = 0
    }
    return count > 0 ? .events(bytes: bytes, count: count, receivedTimes: times) : nil
  }

  /// Retention has passed the cursor.
  private mutating func overtaken() -> Output? {
    let first = log.firstSequence
    guard position < first else { return nil }
    let from = firstDropped ?? position
    firstDropped = nil
    position = first
    // What was counted is gone, or counted anew from here.
    counted = first
    waiting = 0
    return .missed(first: from, last: first - 1, isLive ? .slowConsumer : .noLongerKept)
  }

  // MARK: - Looking

  /// The first match at or behind a place, and where it is; without one, where the look goes on another time.
  ///
  /// `hasMoreToLookAt` is set where it ended before `end`.
  mutating func match(
    from start: UInt64, through end: UInt64, _ reader: LogReader, _ looks: inout Int
  ) -> (found: (LogEntry, LogSegment)?, place: UInt64) {
    var place = start
    while place <= end {
      // Retention may have taken the segment this moment: `overtaken` tells so next time.
      guard looks > 0, let segment = reader.segment(holding: place) else { break }
      let last = min(end, segment.firstSequence + UInt64(segment.count) - 1)
      if segment.firstSequence != enteredSegment {
        guard let enters = enter(segment, &looks) else { break }
        if !enters {
          place = last + 1
          continue
        }
        guard looks > 0 else { break }
      }
      let allowed = min(last, place + UInt64(looks) - 1)
      let begin = place
      while place <= allowed {
        let entry = segment[Int(place - segment.firstSequence)]
        guard let isWanted = isWanted(entry, place, &looks) else {
          hasMoreToLookAt = true
          return (nil, place)
        }
        if isWanted {
          looks -= Int(place - begin) + 1
          return ((entry, segment), place)
        }
        place += 1
      }
      looks -= Int(place - begin)
    }
    if place <= end { hasMoreToLookAt = true }
    return (nil, place)
  }

  /// A lookup in a segment's summary and the step to the next segment cost about as much as so many entries.
  private static let looksPerSegment = 32

  /// Whether a segment may hold something wanted; nil where `looks` did not suffice to say so.
  private mutating func enter(_ segment: LogSegment, _ looks: inout Int) -> Bool? {
    looks -= Self.looksPerSegment
    if let summary = segment.summary {
      var verdict = filter.judge(summary)
      if verdict == .open {
        guard filter.learn(symbol: summary.highestSymbol, channel: summary.highestChannel, looks: &looks) else {
          return nil
        }
        verdict = filter.judge(summary)
      }
      if verdict == .unwanted { return false }
    }
    enteredSegment = segment.firstSequence
    return true
  }

  /// Nil where `looks` did not suffice to say so.
  private mutating func isWanted(_ entry: LogEntry, _ sequence: UInt64, _ looks: inout Int) -> Bool? {
    if let notBefore, sequence < firstWanted {
      if entry.sequencedTime < notBefore { return false }
      firstWanted = sequence
    }
    let verdict = filter.judge(entry)
    if verdict != .open { return verdict == .wanted }
    guard filter.learn(symbol: entry.symbol.index, channel: UInt32(entry.channel), looks: &looks) else { return nil }
    return filter.judge(entry) == .wanted
  }
}
