internal import Channels
internal import GRPC
internal import HTTP2
internal import LockFree
internal import MarketData
internal import WireCodec

/// One publishing call: decodes its requests, hands their items to the channels, and acknowledges what they have processed.
///
/// ```
///   waiting ──granted──▶ open ──half-close, bad message, drain, takeover──▶ ending ──settled──▶ ended
///      └───────────────────┴───────────────── call lost ─────────────────────▲ (no more responses)
/// ```
/// Whatever becomes of the call, what has been decoded goes into the rings; the slot is given back when the last marker is out.
/// Belongs to its event loop.
final class PublishStream {
  private enum Phase {
    /// A named publisher's older stream still has markers to come.
    case waiting
    case open
    /// Takes nothing more; the status follows the last acknowledgement. `blocked` may still have to be pushed.
    case ending(Status)
    case ended
  }

  /// Items staged without a push, at most: what a blocked stream may leave in memory besides one message's items.
  private static let stagedItemsMax = 4_096
  /// A client that never reads its acknowledgements is not read either.
  private static let readsInFlightMax = 4_096

  let slot: StreamSlot
  private let loop: LoopContext
  /// The way back to the client; nil once the call is lost.
  private var output: (any PublishOutput)?
  private let publisher: String?
  private var phase = Phase.open
  private var numbering = RequestNumbering()
  private var ledger = AcknowledgementLedger()
  /// Requests at or below it are not processed (again).
  private var highest: UInt64 = 0
  private var requestNumber: UInt64 = 0
  private var stagedItems = 0
  private var rejections = RejectionNotes()
  private var blocked: BlockedFlush?
  private var isPaused = false
  private var lastSent: Acknowledgement?
  /// Whether a named publisher knows where to resume: nothing is acknowledged before.
  private var hasBegun: Bool

  init(slot: StreamSlot, loop: LoopContext, output: any PublishOutput, publisher: String?) {
    self.slot = slot
    self.loop = loop
    self.output = output
    self.publisher = publisher
    hasBegun = publisher == nil
  }

  /// Claims the publisher's name, where one was given, and tells a named publisher where to resume.
  func open() {
    guard let publisher else { return }
    let token = UInt64(slot.index) << 32 | loop.nextToken()
    claimToken = token
    let mailbox = loop.mailbox
    let slot = slot
    let stream = PublisherDirectory.Stream(
      token: token,
      granted: { resume in mailbox.post { $0.stream(at: slot, token: token)?.granted(resumingAt: resume) } },
      takenOver: { mailbox.post { $0.stream(at: slot, token: token)?.takenOver() } })
    switch loop.shared.publishers.claim(publisher, for: stream) {
    case .granted(let resume):
      begin(resumingAt: resume)
    case .waiting:
      phase = .waiting
      pause()
    case .tooMany(let limit):
      claimToken = nil
      end(with: Status(.resourceExhausted, "limits.max_publishers: the server remembers \(limit) publishers already"))
    }
  }

  /// Tells this stream's claim on its name from those of earlier streams in the same slot.
  private(set) var claimToken: UInt64?

  // MARK: - From the client

  /// Takes requests that lie one behind the other, each behind its gRPC prefix.
  /// - Returns: how many bytes were taken; what is left when receiving was paused comes again.
  func receive(run: RawSpan) -> Int {
    loop.own(self)
    let decoder = loop.decoder
    var offset = 0
    while offset < run.byteCount, !isPaused {
      let end = offset + MessageStream.prefixBytes + Int(run.bigEndianUInt32(at: offset + 1))
      let message = run.extracting(offset + MessageStream.prefixBytes..<end)
      offset = end
      // Plain ticks in order, which most requests are, need nothing of what `receive` does beside this.
      guard isPlain, let sequence = decoder.takePlainTick(message, above: highest, counts: numbering.isCounted) else {
        receive(message)
        continue
      }
      requestNumber += 1
      highest = sequence
      ledger.take(sequence: sequence, accepted: 1, rejected: 0)
      loop.meters.publishedItems.add(1)
      stagedItems += 1
      flushIfFull()
    }
    return offset
  }

  /// Takes one request.
  func receive(_ message: RawSpan) {
    guard case .open = phase else { return }
    requestNumber += 1
    let decoder = loop.decoder
    loop.own(self)
    do {
      let head = try decoder.peek(message)
      guard let sequence = judge(head) else { return }
      if publisher != nil, sequence <= highest {
        ledger.take(sequence: 0, accepted: 0, rejected: 0, duplicates: try decoder.itemCount(message))
      } else if sequence <= highest {
        reject(
          sequence: head.sequence, items: try decoder.itemCount(message),
          numbering.rejection(of: head.sequence, after: highest))
      } else {
        let decoded = try decoder.decode(message)
        highest = sequence
        ledger.take(sequence: sequence, accepted: decoded.accepted, rejected: decoded.rejected)
        loop.countItems(accepted: decoded.accepted, rejected: decoded.rejected)
        if decoded.rejected > 0 { rejections.note(decoder.rejections, of: sequence) }
        stagedItems += decoded.accepted
      }
    } catch {
      return end(with: error.status(ofRequest: requestNumber))
    }
    flushIfFull()
  }

  private func flushIfFull() {
    if ledger.requestsInOpenRead >= AcknowledgementLedger.requestsPerResponse {
      closeRead()
    } else if stagedItems >= Self.stagedItemsMax {
      flush(read: nil)
    }
  }

  /// The socket's read is through: everything taken goes into the rings, with a marker behind it.
  func readComplete() {
    if ledger.requestsInOpenRead > 0, blocked == nil { closeRead() }
  }

  func halfClosed() { end(with: .ok) }

  /// The call is gone. What was decoded is completed all the same.
  func lost() {
    output = nil
    end(with: Status(.cancelled, "the call is lost"))
  }

  /// Takes no more requests; ends the call with `status` after the acknowledgements due.
  func end(with status: Status) {
    switch phase {
    case .waiting, .open:
      phase = .ending(status)
      if ledger.requestsInOpenRead > 0, blocked == nil { closeRead() }
      settle()
    case .ending, .ended:
      settle()
    }
  }

  // MARK: - From the channels

  func markerOut(_ marker: Marker) {
    ledger.markerOut(read: marker.read, tally: marker.tally)
  }

  /// Sends what the markers of one batch have finished.
  func markersDone() {
    respond()
    settle()
    resumeIfPossible()
  }

  /// A channel that was full has room again.
  func roomAgain() {
    guard let blocked else { return }
    switch loop.router.resume(slot: slot) {
    case .done(let markers):
      self.blocked = nil
      finishFlush(read: blocked.read, markers: markers)
      // A read that filled up in mid-message has its marker still to come, and nobody else to close it: nothing may follow.
      if blocked.read == nil, ledger.requestsInOpenRead > 0 { closeRead() }
      respond()
      settle()
      resumeIfPossible()
    case .blocked(let channel):
      wait(for: channel)
    }
  }

  /// The client reads again.
  func writableAgain() {
    respond()
    settle()
    resumeIfPossible()
  }

  /// Every `LoopContext.tickInterval`: tells changes that no marker has told, and the channel waited for.
  func tick(now: MonotonicNanos) {
    if ledger.hasNews || !rejections.isEmpty { respond() }
    if let news = blocked?.news(at: now) { send(acknowledgement(blockedBy: news)) }
  }

  /// Whether `tick` has to be called.
  var needsTick: Bool { blocked != nil || !ledger.isSettled || ledger.hasNews || !rejections.isEmpty }

  // MARK: - Named publishers

  private func granted(resumingAt sequence: UInt64) {
    guard case .waiting = phase else { return release() }
    phase = .open
    begin(resumingAt: sequence)
    resumeIfPossible()
  }

  private func takenOver() {
    end(with: Status(.aborted, "a newer stream publishes as '\(publisher ?? "")'"))
  }

  private func begin(resumingAt sequence: UInt64) {
    ledger = AcknowledgementLedger(resumingAt: sequence)
    highest = sequence
    hasBegun = true
    var first = acknowledgement(blockedBy: nil)
    first.resumeSequence = sequence
    send(first)
  }

  private func release() {
    guard let publisher, let token = claimToken else { return }
    claimToken = nil
    loop.shared.publishers.release(publisher, token: token, processed: ledger.acked)
  }

  // MARK: - Inside

  /// Whether requests are taken as they come, and their numbering is known.
  private var isPlain: Bool {
    guard case .open = phase else { return false }
    return !numbering.isUnknown
  }

  private var isEnding: Bool {
    if case .ending = phase { return true }
    return false
  }

  /// The request's number in this stream; nil when the stream ends because of it.
  private func judge(_ head: PublishHead) -> UInt64? {
    if head.sequence == 0, let publisher {
      end(
        with: Status(
          .invalidArgument,
          "request \(requestNumber): publisher '\(publisher)' must number its requests, sequence is 0"))
      return nil
    }
    return numbering.number(of: head.sequence, after: highest)
  }

  private func reject(sequence: UInt64, items: Int, _ rejection: ItemRejection) {
    ledger.take(sequence: 0, accepted: 0, rejected: items)
    loop.countItems(accepted: 0, rejected: items)
    rejections.note([rejection], of: sequence)
  }

  private func closeRead() {
    flush(read: ledger.closeRead())
  }

  private func flush(read: UInt64?) {
    stagedItems = 0
    switch loop.router.flush(slot: slot, read: read) {
    case .done(let markers):
      finishFlush(read: read, markers: markers)
    case .blocked(let channel):
      blocked = BlockedFlush(read: read, since: loop.monotonicNow)
      pause()
      wait(for: channel)
    }
  }

  private func finishFlush(read: UInt64?, markers: Int) {
    guard let read else { return }
    ledger.pushed(read: read, markers: markers)
    if markers == 0 {
      respond()
      settle()
    }
    if ledger.readsInFlight > Self.readsInFlightMax { pause() }
  }

  private func wait(for channel: ChannelCore) {
    blocked?.channel = channel.name
    let mailbox = loop.mailbox
    let slot = slot
    channel.notifyOfRoom { mailbox.post { $0.stream(at: slot)?.roomAgain() } }
  }

  private func pause() {
    guard !isPaused else { return }
    isPaused = true
    output?.pauseReceiving()
  }

  private func resumeIfPossible() {
    guard isPaused, blocked == nil, case .open = phase, ledger.readsInFlight <= Self.readsInFlightMax / 2 else {
      return
    }
    isPaused = false
    output?.resumeReceiving()
  }

  /// Sends every response that is due, as far as the client takes them.
  private func respond() {
    guard let output else {
      while ledger.hasNews { _ = ledger.advance() }
      return
    }
    while output.isWritable || isEnding, ledger.hasNews || !rejections.isEmpty {
      _ = ledger.advance()
      send(acknowledgement(blockedBy: nil))
    }
  }

  private func send(_ acknowledgement: Acknowledgement) {
    output?.send(acknowledgement)
    lastSent = acknowledgement
    // Rejections, the resume point and what blocks are told once.
    lastSent?.rejections = []
    lastSent?.resumeSequence = 0
    lastSent?.blockedBy = nil
  }

  private func acknowledgement(blockedBy: Acknowledgement.Blocked?) -> Acknowledgement {
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
    result.blockedBy = blockedBy
    return result
  }

  /// Ends an ending stream once nothing of it is in flight.
  private func settle() {
    guard case .ending(let status) = phase, ledger.isSettled || output == nil, blocked == nil else { return }
    respond()
    guard ledger.isSettled else { return }
    phase = .ended
    release()
    // The last response covers everything: where one that did has gone out, it need not be said again.
    let last = acknowledgement(blockedBy: nil)
    if hasBegun, last != lastSent { send(last) }
    output?.finish(status)
    output = nil
    loop.retire(self)
  }
}
