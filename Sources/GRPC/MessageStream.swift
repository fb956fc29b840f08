public import HTTP2
package import LockFree

internal import struct MarketData.MonotonicNanos

/// What both sides of a call share: the length-prefixed messages of one HTTP/2 stream, in and out.
///
/// Messages that lie whole in a DATA chunk are delivered in place; only one that straddles chunks is gathered, and what arrives while the handler
/// has paused. Both count in the process's byte budget; when that is spent, the call that would need more of it ends. The stream's window goes back
/// for messages that the receiver has taken, and for the bytes of an unfinished message as they are gathered, so that a message may be larger than the
/// window. While paused nothing of it goes back.
public class MessageStream: HTTP2Stream {
  /// A message's prefix: a flag, and its length in network order.
  package static var prefixBytes: Int { 5 }

  var receiver: MessageReceiver?
  /// The call is over for the receiver; what still arrives is dropped.
  private(set) var isEnded = false

  private let maxMessageBytes: Int
  /// The connection's part of the process's byte budget.
  package let budget: BudgetHolder
  private var gathered: [UInt8] = []
  /// What the budget holds for `gathered`.
  private var share: BudgetShare
  /// Bytes of `gathered` whose window has not gone back.
  private var owed = 0
  /// When the last byte of an unfinished message came, and the stream's place among its connection's `UnfinishedMessages`.
  private(set) var lastByte = MonotonicNanos(0)
  var unfinishedPlace: Int?
  /// A message could not be taken: what follows is dropped, until the handler has ended the call.
  private var isRefused = false
  private var isPaused = false
  private var isDelivering = false
  private var inputIsOver = false
  private var inputEndTold = false

  init(limits: MessageLimits) {
    maxMessageBytes = limits.maxMessageBytes
    budget = limits.pendingBytes
    share = BudgetShare(of: budget, .messages)
    super.init()
  }

  // MARK: for subclasses

  /// The peer broke a rule: ends the call with this status.
  func messagesFailed(_ status: Status) {}

  /// The call's deadline passed.
  func deadlinePassed() {}

  /// The peer's direction ended and every message before that end has been delivered.
  func inputEnded() {}

  /// Bytes of an unfinished message have arrived: `lastByte` is to be noted.
  func unfinishedGrew() {}

  /// The call has ended: it waits for no further byte.
  func unfinishedEnded() {}

  /// The connection holds so few calls that each may keep `sparedBytes` when the budget is spent.
  var isSpared: Bool { false }

  /// Small enough to grant to every connection beyond the budget: a publisher of small messages goes on whatever others hold.
  static var sparedBytes: Int { 4 << 10 }

  /// Stops delivery and drops what is gathered.
  func endDelivery() {
    guard !isEnded else { return }
    isEnded = true
    returnWindow(owed)
    owed = 0
    dropGathered()
    unfinishedEnded()
  }

  /// Some bytes of a message are here, and the next has to come from the peer.
  var isInsideMessage: Bool { !gathered.isEmpty && !isPaused && !isEnded }

  func noteByte(at now: MonotonicNanos) { lastByte = now }

  /// Ends the call with this status, where it stands inside a message or not; nothing that it has sent and nobody has taken is kept.
  func refuse(_ status: Status) {
    guard !isRefused, !isEnded else { return }
    isRefused = true
    dropGathered()
    messagesFailed(status)
  }

  private func dropGathered() {
    gathered = []
    share.clear()
  }

  /// Keeps bytes while paused.
  private func keepPaused(_ bytes: RawSpan) {
    gathered.append(bytes)
    owed += bytes.byteCount
    if let refusal = countGathered() { refuse(.refused(refusal, budget, .messages)) }
  }

  /// Counts what is gathered, or says why there is no room for it.
  private func countGathered() -> BudgetHolder.Refusal? {
    guard let refusal = share.reserve(gathered.count) else { return nil }
    guard gathered.count <= Self.sparedBytes, isSpared else { return refusal }
    share.set(gathered.count)
    return nil
  }

  /// The peer's direction ended.
  func finishInput() {
    inputIsOver = true
    tellInputEndIfDrained()
  }

  // MARK: for handlers

  /// The call has been ended by neither side.
  package final var isActive: Bool { !isEnded && isOpen }

  /// From now on no `onMessage`; what arrives stays gathered and its window with us, which stops the peer.
  package func pauseReceiving() { isPaused = true }

  /// Delivers what is gathered, and everything that follows. Allowed inside `onMessage`.
  package func resumeReceiving() {
    guard isPaused else { return }
    isPaused = false
    guard !isDelivering, !isEnded else { return }
    deliverGathered()
    tellInputEndIfDrained()
  }

  /// Bytes that are queued and not yet handed to the transport.
  package var queuedBytes: Int { sendQueueBytes }

  /// False from the high-water mark of `queuedBytes` on until it is below the low-water mark, which `onWritable` tells; and when all is over.
  package var isWritable: Bool { hasSendRoom && !isEnded }

  package var isReceivingPaused: Bool { isPaused }

  /// Bytes that have come of messages that are not delivered yet.
  package var unfinishedBytes: Int { gathered.count }

  // MARK: from the session

  public override func onData(_ bytes: RawSpan) {
    let count = bytes.byteCount
    if isEnded {
      returnWindow(count)
      return
    }
    if isRefused {
      owed += count
      return
    }
    if isPaused {
      keepPaused(bytes)
      return
    }
    guard let receiver else { return }
    var offset = gathered.isEmpty ? 0 : completeGathered(with: bytes, receiver)
    isDelivering = true
    let start = offset
    if receiver.takesRuns, !isPaused, !isEnded {
      let end = endOfRun(in: bytes, from: offset)
      if end > offset { offset += receiver.onMessages(bytes.extracting(offset..<end)) }
    }
    while count - offset >= 5, !isPaused, !isEnded {
      let length = Int(bytes.bigEndianUInt32(at: offset + 1))
      guard isAcceptable(flag: bytes.byte(at: offset), length: length) else { break }
      guard count - offset - 5 >= length else { break }
      receiver.onMessage(bytes.extracting(unchecked: offset + 5..<offset + 5 + length))  // length compared just above
      offset += 5 + length
    }
    isDelivering = false
    returnWindow(offset - start)
    if offset < count { keep(bytes.extracting(offset..<count)) }
  }

  /// Where the complete and acceptable messages from `start` on end.
  private func endOfRun(in bytes: RawSpan, from start: Int) -> Int {
    let count = bytes.byteCount
    var end = start
    while count - end >= Self.prefixBytes {
      let length = Int(bytes.bigEndianUInt32(at: end + 1))
      guard bytes.byte(at: end) == 0, length <= maxMessageBytes, length <= count - end - Self.prefixBytes else { break }
      end += Self.prefixBytes + length
    }
    return end
  }

  public override func onEndStream() { finishInput() }

  public override func onWritable() {
    if !isEnded { receiver?.onWritable() }
  }

  // MARK: gathering

  /// Moves bytes of a chunk behind the unfinished message, delivers it when that completes it.
  /// - Returns: how many bytes of the chunk it took.
  private func completeGathered(with bytes: RawSpan, _ receiver: MessageReceiver) -> Int {
    var offset = 0
    if gathered.count < 5 {
      offset = min(5 - gathered.count, bytes.byteCount)
      gathered.append(bytes.extracting(0..<offset))
      owed += offset
      guard gathered.count == 5 else {
        settleUnfinished()
        return offset
      }
      guard gatheredPrefixIsAcceptable() else { return isEnded ? bytes.byteCount : offset }
    }
    let missing = 5 + gatheredLength - gathered.count
    let size = min(missing, bytes.byteCount - offset)
    gathered.append(bytes.extracting(offset..<offset + size))
    owed += size
    offset += size
    if size < missing {
      settleUnfinished()
      return isEnded ? bytes.byteCount : offset
    }
    deliverGathered()
    return offset
  }

  private var gatheredLength: Int { Int(gathered.span.bytes.bigEndianUInt32(at: 1)) }

  private func gatheredPrefixIsAcceptable() -> Bool {
    isAcceptable(flag: gathered[0], length: gatheredLength)
  }

  /// Keeps the end of a chunk for later.
  private func keep(_ rest: RawSpan) {
    if isEnded {
      returnWindow(rest.byteCount)
      return
    }
    if isRefused {
      owed += rest.byteCount
      return
    }
    if isPaused { return keepPaused(rest) }
    gathered.append(rest)
    owed += rest.byteCount
    settleUnfinished()
  }

  /// Delivers the complete messages of `gathered` and keeps the rest.
  private func deliverGathered() {
    guard let receiver, !gathered.isEmpty else { return }
    var buffer: [UInt8] = []
    swap(&buffer, &gathered)  // so that what a handler does cannot touch the bytes it reads
    isDelivering = true
    var offset = 0
    while buffer.count - offset >= 5, !isPaused, !isEnded {
      let length = Int(buffer.span.bytes.bigEndianUInt32(at: offset + 1))
      guard isAcceptable(flag: buffer[offset], length: length) else { break }
      guard buffer.count - offset - 5 >= length else { break }
      receiver.onMessage(buffer.span.bytes.extracting(offset + 5..<offset + 5 + length))
      offset += 5 + length
    }
    isDelivering = false
    if isEnded || isRefused { return }
    let rest = buffer.count - offset
    // Window of an unfinished message's bytes may be back already; what is owed lies at the end.
    let due = max(0, owed - rest)
    owed -= due
    returnWindow(due)
    if rest == 0, buffer.capacity <= Self.sparedBytes {
      buffer.removeAll(keepingCapacity: true)
      gathered = buffer
    } else {
      gathered = Array(buffer[offset...])
    }
    share.set(rest)
    if rest > 0, !isPaused { settleUnfinished() }
  }

  /// Judges the unfinished message at the head of `gathered`, counts it, and returns its window.
  private func settleUnfinished() {
    if gathered.count >= Self.prefixBytes { guard gatheredPrefixIsAcceptable() else { return } }
    if let refusal = countGathered() { return refuse(.refused(refusal, budget, .messages)) }
    returnWindow(owed)
    owed = 0
    unfinishedGrew()
  }

  /// The prefix alone decides, before a byte of the message is kept.
  @inline(__always)
  private func isAcceptable(flag: UInt8, length: Int) -> Bool {
    if flag == 0, length <= maxMessageBytes { return true }
    refusePrefix(flag: flag, length: length)
    return false
  }

  @inline(never)
  private func refusePrefix(flag: UInt8, length: Int) {
    if flag == 1 {
      refuse(Status(.internalError, "compressed message without grpc-encoding"))
    } else if flag != 0 {
      refuse(Status(.internalError, "message flag \(flag) is neither 0 nor 1"))
    } else {
      refuse(
        Status(
          .resourceExhausted, "message of \(length) bytes is above limits.max_message_bytes (\(maxMessageBytes) bytes)")
      )
    }
  }

  private func tellInputEndIfDrained() {
    guard inputIsOver, !inputEndTold, !isEnded, !isRefused, !isPaused, !isDelivering else { return }
    if !gathered.isEmpty {
      refuse(Status(.internalError, "the stream ended inside a message"))
      return
    }
    inputEndTold = true
    inputEnded()
  }
}

/// What bounds a call's incoming messages.
struct MessageLimits {
  var maxMessageBytes: Int
  /// The connection's part of the process's byte budget.
  var pendingBytes: BudgetHolder
}
