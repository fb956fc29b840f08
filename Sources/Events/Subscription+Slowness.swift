internal import MarketData

extension Subscription {
  /// Looks at what has come while nothing could be sent. The caller calls it when the log has grown and the subscriber takes nothing.
  /// - Parameter looks: how many entries may be looked at; falls by what was.
  package mutating func fallBehind(_ reader: LogReader, looks: inout Int) {
    hasMoreToLookAt = false
    guard isLive, wasUpToDate, ended == nil, !hasEnded else { return }
    let end = log.lastSequence
    passOverGone()
    while ended == nil {
      let tooMany = waiting - valid.maxQueue
      if tooMany > (valid.policy == .dropOldest && counted <= end ? Self.droppedAtOnce : 0) {
        switch valid.policy {
        case .disconnect: ended = .tooSlow(lastSent: lastSent)
        case .dropOldest: dropOldest(reader, &looks)
        case .conflate: beginConflating()
        }
      } else if counted <= end {
        count(through: end, reader, &looks)
      } else {
        return
      }
      if hasMoreToLookAt { return }
    }
  }

  /// DROP_OLDEST drops so many at a time while there is more to count: the old and the new ones mostly lie in two segments, and going from
  /// one to the other costs more than an entry.
  private static let droppedAtOnce = 1_024

  /// What retention has taken before it was counted.
  private mutating func passOverGone() {
    let first = log.firstSequence
    guard counted < first else { return }
    if conflated != nil {
      leaveOut(counted, first - 1)
      position = first
    }
    // Otherwise the cursor stands before them, and tells them as missed when it is moved on.
    counted = first
    waiting = 0
  }

  private mutating func count(through end: UInt64, _ reader: LogReader, _ looks: inout Int) {
    let (found, place) = match(from: counted, through: end, reader, &looks)
    counted = place
    if let (entry, segment) = found {
      if conflated == nil { waiting += 1 } else { conflate(entry, place, segment) }
      counted += 1
    }
    if conflated != nil { position = counted }
  }

  private mutating func dropOldest(_ reader: LogReader, _ looks: inout Int) {
    let first = log.firstSequence
    if position < first {
      // Of those that were counted nobody knows how many are gone: count again from what is kept.
      if firstDropped == nil { firstDropped = position }
      position = first
      counted = first
      waiting = 0
      return
    }
    while waiting > valid.maxQueue {
      let (found, place) = match(from: position, through: counted - 1, reader, &looks)
      position = place
      if found != nil {
        waiting -= 1
        if firstDropped == nil { firstDropped = place }
        position += 1
      } else if position >= counted {
        waiting = 0
      } else {
        return
      }
    }
  }

  // MARK: - CONFLATE

  /// Everything from the cursor on is looked at again, a bounded part in each call: now for the newest of each symbol and type.
  private mutating func beginConflating() {
    let first = log.firstSequence
    if position < first {
      leaveOut(position, first - 1)
      position = first
    }
    conflated = ConflatedEvents()
    counted = position
    waiting = 0
  }

  private mutating func leaveOut(_ first: UInt64, _ last: UInt64) {
    leftOut = (min(leftOut?.first ?? first, first), max(leftOut?.last ?? last, last))
  }

  private mutating func conflate(_ entry: LogEntry, _ sequence: UInt64, _ segment: LogSegment) {
    var bytes: [UInt8] = []
    segment.copy(entry, to: &bytes)
    let key = ConflatedEvents.Key(symbol: entry.symbol.index, type: entry.type.rawValue)
    let newest = ConflatedEvents.Event(sequence: sequence, bytes: bytes, receivedTime: entry.receivedTime)
    if let older = conflated?.put(newest, key) { leaveOut(older.sequence, older.sequence) }
  }

  /// What has been left out, then what is kept instead; nil where reading the log goes on, behind all that was conflated.
  mutating func nextConflated(_ bytesMax: Int) -> Output? {
    guard conflated != nil else { return nil }
    if let leftOut {
      self.leftOut = nil
      return .missed(first: leftOut.first, last: leftOut.last, .slowConsumer)
    }
    var bytes: [UInt8] = []
    var times: [UnixNanos] = []
    while times.count < Self.eventsPerResponse, bytes.count < bytesMax,
      let event = conflated?.popFirst()
    {
      bytes += event.bytes
      times.append(event.receivedTime)
      lastSent = event.sequence
    }
    if conflated?.oldest == nil { conflated = nil }
    return times.isEmpty ? nil : .events(bytes: bytes, count: times.count, receivedTimes: times)
  }
}
