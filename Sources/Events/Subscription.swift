package import MarketData

/// One subscriber's place in the log, and what its slowness means. Pure: it reads the log and says what to send; no I/O, no clock.
///
/// ```
///   past ──position beyond the log's end at the start──▶ live ──more than max_queue wait──▶ disconnected | dropping | conflating
/// ```
/// Memory: O(1), besides what CONFLATE keeps and a verdict for each symbol where symbols are filtered.
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

  private struct Conflated {
    var sequence: UInt64
    var bytes: [UInt8]
    var receivedTime: UnixNanos
  }

  private struct Key: Hashable {
    var symbol: UInt32
    var type: UInt8
  }

  /// The newest waiting event of each symbol and type, in the order of their sequences.
  private struct ConflatedEvents {
    private var newest: [Key: Conflated] = [:]
    /// In rising order; a place whose event a newer one has replaced is passed over. The first is never such a one.
    private var order: [(sequence: UInt64, key: Key)] = []
    private var head = 0

    var isEmpty: Bool { newest.isEmpty }
    var oldest: UInt64? { head < order.count ? order[head].sequence : nil }

    /// - Parameter event: newer than all before it.
    /// - Returns: the one that it replaces.
    mutating func put(_ event: Conflated, _ key: Key) -> Conflated? {
      let older = newest.updateValue(event, forKey: key)
      order.append((event.sequence, key))
      passOver()
      if order.count > 1_024, order.count > 2 * newest.count {
        order = order[head...].filter { newest[$0.key]?.sequence == $0.sequence }
        head = 0
      }
      return older
    }

    mutating func popFirst() -> Conflated? {
      guard head < order.count else { return nil }
      let event = newest.removeValue(forKey: order[head].key)
      passOver()
      if isEmpty { self = ConflatedEvents() }
      return event
    }

    private mutating func passOver() {
      while head < order.count, newest[order[head].key]?.sequence != order[head].sequence { head += 1 }
    }
  }

  package static let eventsPerResponse = 512
  /// A response is closed when it has this many bytes of events.
  package static let bytesPerResponse = 128 << 10
  /// Events looked at in one call, so that a filter that matches nothing does not hold the loop.
  private static let looksPerCall = 65_536

  package let valid: SubscriptionRequest.Valid
  private let log: MemoryEventLog
  private var filter: SubscriptionFilter
  private var segment: LogSegment?
  /// The next event to look at for sending.
  private var position: UInt64
  /// The log's end when the subscription began.
  private let target: UInt64
  private var isLive = false
  /// Whether nothing was left to send at any moment yet: before, it reads the past and is never slow.
  private var wasUpToDate = false
  private var pendingMissed: [(first: UInt64, last: UInt64, reason: MissedReason)] = []
  private var lastSent: UInt64 = 0
  private var ended: End?
  private var hasEnded = false
  /// Events from before it are not wanted, up to the first that is not from before it.
  private let notBefore: UnixNanos?
  private var firstWanted = UInt64.max
  /// Whether `next` has given nothing only because it has looked at enough for once.
  package private(set) var hasMoreToLookAt = false
  /// Matching events that wait, counted over `position ..< counted`.
  private var waiting = 0
  private var counted: UInt64
  /// DROP_OLDEST: the first match left out since the last event sent.
  private var firstDropped: UInt64?
  /// CONFLATE: what waits while it is behind.
  private var conflated = ConflatedEvents()
  private var leftOut: (first: UInt64, last: UInt64)?

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
      // Which of those that are gone were not before it nobody knows any more.
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

  /// Whether it has come to its end by slowness; `next()` tells.
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
    if let oldest = conflated.oldest { sent = min(sent, oldest - 1) }
    return sent
  }

  /// The next thing to send; nil when there is nothing now.
  package mutating func next() -> Output? {
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
    if !conflated.isEmpty || leftOut != nil { return nextConflated() }
    if let output = nextFromLog() { return output }
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

  private mutating func nextFromLog() -> Output? {
    // The past ends where the log ended at the start: CAUGHT_UP comes between.
    let end = isLive ? log.lastSequence : target
    if let missed = overtaken() { return missed }
    var bytes: [UInt8] = []
    var count = 0
    var times: [UnixNanos] = []
    var looks = 0
    while position <= end, count < Self.eventsPerResponse, bytes.count < Self.bytesPerResponse {
      guard let entry = entry(at: position) else { break }
      looks += 1
      if matches(entry, position) {
        if let first = firstDropped {
          firstDropped = nil
          return .missed(first: first, last: position - 1, .slowConsumer)
        }
        segment?.copy(entry, to: &bytes)
        count += 1
        if isLive { times.append(entry.receivedTime) }
        lastSent = position
        if position < counted { waiting -= 1 }
      }
      position += 1
      if looks >= Self.looksPerCall {
        hasMoreToLookAt = count == 0 && position <= end
        break
      }
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

  private mutating func matches(_ entry: LogEntry, _ sequence: UInt64) -> Bool {
    if let notBefore, sequence < firstWanted {
      if entry.sequencedTime < notBefore { return false }
      firstWanted = sequence
    }
    return filter.matches(entry)
  }

  private mutating func entry(at sequence: UInt64) -> LogEntry? {
    if let segment, sequence >= segment.firstSequence, sequence - segment.firstSequence < UInt64(segment.count) {
      return segment[Int(sequence - segment.firstSequence)]
    }
    segment = log.segment(holding: sequence)
    guard let segment else { return nil }
    return segment[Int(sequence - segment.firstSequence)]
  }

  // MARK: - Slowness

  /// Looks at what has come while nothing could be sent. The caller calls it when the log has grown and the subscriber takes nothing.
  package mutating func fallBehind() {
    guard isLive, wasUpToDate, ended == nil, !hasEnded else { return }
    let end = log.lastSequence
    let first = log.firstSequence
    if counted < first {
      // Otherwise the cursor stands before them, and tells them as missed when it is moved on.
      if !conflated.isEmpty { leaveOut(counted, first - 1) }
      counted = first
      waiting = 0
    }
    var reader = segment
    while counted <= end {
      if reader == nil || counted < reader?.firstSequence ?? 0
        || counted - (reader?.firstSequence ?? 0) >= UInt64(reader?.count ?? 0)
      {
        reader = log.segment(holding: counted)
      }
      guard let held = reader else { break }
      let entry = held[Int(counted - held.firstSequence)]
      if matches(entry, counted) {
        if conflated.isEmpty {
          waiting += 1
        } else {
          conflate(entry, counted, held)
        }
      }
      counted += 1
      guard waiting > valid.maxQueue else { continue }
      switch valid.policy {
      case .disconnect:
        ended = .tooSlow(lastSent: lastSent)
        return
      case .dropOldest:
        dropOldest()
      case .conflate:
        beginConflating()
      }
    }
  }

  private mutating func dropOldest() {
    while waiting > valid.maxQueue, position < counted {
      guard let entry = entry(at: position) else { return }
      if matches(entry, position) {
        waiting -= 1
        if firstDropped == nil { firstDropped = position }
      }
      position += 1
    }
  }

  private mutating func beginConflating() {
    let first = log.firstSequence
    if position < first {
      leaveOut(position, first - 1)
      position = first
    }
    while position < counted {
      if let entry = entry(at: position), let segment {
        if matches(entry, position) { conflate(entry, position, segment) }
      } else {
        // Retention has taken it.
        leaveOut(position, position)
      }
      position += 1
    }
    waiting = 0
  }

  private mutating func leaveOut(_ first: UInt64, _ last: UInt64) {
    leftOut = (min(leftOut?.first ?? first, first), max(leftOut?.last ?? last, last))
  }

  private mutating func conflate(_ entry: LogEntry, _ sequence: UInt64, _ segment: LogSegment) {
    var bytes: [UInt8] = []
    segment.copy(entry, to: &bytes)
    let key = Key(symbol: entry.symbol.index, type: entry.type.rawValue)
    let newest = Conflated(sequence: sequence, bytes: bytes, receivedTime: entry.receivedTime)
    if let older = conflated.put(newest, key) { leaveOut(older.sequence, older.sequence) }
  }

  private mutating func nextConflated() -> Output? {
    if let leftOut {
      self.leftOut = nil
      return .missed(first: leftOut.first, last: leftOut.last, .slowConsumer)
    }
    var bytes: [UInt8] = []
    var times: [UnixNanos] = []
    while times.count < Self.eventsPerResponse, bytes.count < Self.bytesPerResponse, let event = conflated.popFirst() {
      bytes += event.bytes
      times.append(event.receivedTime)
      lastSent = event.sequence
    }
    if conflated.isEmpty {
      // Everything counted has been told: reading the log goes on behind it.
      position = max(position, counted)
    }
    return .events(bytes: bytes, count: times.count, receivedTimes: times)
  }
}
