internal import Channels
internal import Events
internal import GRPC
internal import HTTP2
internal import LockFree
internal import MarketData
internal import WireCodec

/// One publishing call: decodes its requests, hands their items to the channels, and acknowledges what they have processed.
///
/// What it does next decides its `PublishStateMachine`; this tells the machine what has happened, and performs what it asks for. Belongs to its
/// event loop.
final class PublishStream {
  let slot: StreamSlot
  private let loop: LoopContext
  /// The loop's, kept here: reached by the loop it would cost a call and a reference count for each tick.
  private let ingress: Ingress
  /// The way back to the client; nil once the call is lost.
  private var output: (any PublishOutput)?
  private var machine: PublishStateMachine
  /// The connection's part of the byte budget. What a named publisher leaves counts there also when the connection has gone.
  private let budget: BudgetHolder
  /// Of this stream, in the byte budget.
  private var restBytes = 0
  /// Whose share of `limits.max_publish_streams` it is part of.
  let holder: String
  /// The publisher will not come back under its name once the call has ended OK.
  private let forgetsName: Bool
  /// Tells this stream's claim on its name from those of earlier streams in the same slot.
  private(set) var claimToken: UInt64?

  init(
    slot: StreamSlot, loop: LoopContext, output: any PublishOutput, publisher: String?, forgetsName: Bool,
    holder: String, budget: BudgetHolder
  ) {
    self.slot = slot
    self.loop = loop
    ingress = loop.ingress
    self.output = output
    self.forgetsName = forgetsName
    self.holder = holder
    self.budget = budget
    machine = PublishStateMachine(publisher: publisher)
  }

  /// Claims the publisher's name, where one was given; a named publisher hears where to resume.
  func open() {
    guard let publisher = machine.publisher else { return }
    let token = UInt64(slot.index) << 32 | loop.calls.nextToken()
    claimToken = token
    let mailbox = loop.mailbox
    let slot = slot
    let stream = PublisherDirectory.Stream(
      token: token,
      granted: { resume in
        mailbox.post { $0.calls.stream(at: slot, token: token)?.handle { $0.granted(resumingAt: resume) } }
      },
      takenOver: { mailbox.post { $0.calls.stream(at: slot, token: token)?.handle { $0.takenOver() } } })
    let claim = loop.shared.publishers.claim(publisher, for: stream, at: loop.monotonicNow)
    handle { machine in
      switch claim {
      case .granted(let resume): machine.granted(resumingAt: resume)
      case .waiting: machine.mustWait()
      case .tooMany(let limit, let memory):
        claimToken = nil
        machine.end(
          with: Status(
            .resourceExhausted,
            "limits.max_publishers: the server remembers \(limit) publisher names already, each for limits.publisher_memory (\(DurationText.describe(memory))) after its last stream; publish under a name that it knows or without one, or raise max_publishers"
          ))
      }
    }
  }

  // MARK: - From the client

  /// Takes requests that lie one behind the other, each behind its gRPC prefix.
  /// - Returns: how many bytes were taken; what is left when receiving was paused comes again.
  func receive(run: RawSpan) -> Int {
    if refusesForRests() { return run.byteCount }
    ingress.begin(self)
    let decoder = ingress.decoder
    let meters = ingress.meters
    var offset = 0
    while offset < run.byteCount, !machine.isPaused {
      let end = offset + MessageStream.prefixBytes + Int(run.bigEndianUInt32(at: offset + 1))
      let message = run.extracting(offset + MessageStream.prefixBytes..<end)
      offset = end
      // Plain ticks in order, which most requests are, need nothing of what `receive` does beside this.
      guard machine.isPlain,
        let sequence = decoder.takePlainTick(message, above: machine.highest, counts: machine.isCounted)
      else {
        receive(message)
        continue
      }
      machine.tookPlainTick(sequence)
      meters.publishedItems.add(1)
      if machine.mustPush { proceed() }
    }
    return offset
  }

  /// Takes one request.
  func receive(_ message: RawSpan) {
    guard machine.isOpen, !refusesForRests() else { return }
    ingress.begin(self)
    do {
      try take(message)
    } catch {
      machine.end(with: error.status(ofRequest: machine.requestNumber))
    }
    if machine.mustPush || !machine.isOpen { proceed() }
  }

  private func take(_ message: RawSpan) throws(DecodeError) {
    machine.requestCame()
    let given = try ingress.decoder.peek(message).sequence
    switch machine.judge(given) {
    case .take(let sequence):
      let decoded = try ingress.decoder.decode(message)
      machine.took(
        sequence, accepted: decoded.accepted, rejected: decoded.rejected, rejections: ingress.decoder.rejections)
      ingress.count(accepted: decoded.accepted, rejected: decoded.rejected)
    case .duplicate:
      machine.skipped(items: try ingress.decoder.itemCount(message))
    case .reject(let rejection):
      let items = try ingress.decoder.itemCount(message)
      machine.rejected(given, items: items, rejection)
      ingress.count(accepted: 0, rejected: items)
    case .ignore: break
    }
  }

  /// The turn is over: everything taken in it goes into the rings, with a marker behind it.
  func turnEnded() { handle { $0.turnEnded() } }

  func halfClosed() { end(with: .ok) }

  /// The client reads again.
  func writableAgain() { handle { $0.writable() } }

  /// Takes no more requests; ends the call with `status` after the acknowledgements due.
  func end(with status: Status) { handle { $0.end(with: status) } }

  /// The call is gone.
  func lost() {
    output = nil
    handle { $0.lost() }
  }

  // MARK: - From the channels

  func markerOut(_ marker: Marker) { machine.markerOut(marker) }

  /// Sends what the markers of one batch have finished.
  func markersDone() { handle { $0.markersDone() } }

  /// A channel that was full has room again.
  private func roomAgain() {
    // The slot may be another stream's than the one that waited.
    guard machine.isBlocked else { return }
    pushed(ingress.router.resume(slot: slot)) { $0.unblocked(markers: $1) }
    proceed()
  }

  // MARK: - Time

  /// Each tick of the loop: tells changes that no marker has told, and the channel waited for.
  func tick(now: MonotonicNanos) { handle { $0.tick(now: now) } }

  /// Whether `tick` has to be called.
  var needsTick: Bool { machine.needsTick }

  // MARK: - What the machine asks for

  private func handle(_ event: (inout PublishStateMachine) -> Void) {
    event(&machine)
    proceed()
  }

  /// Performs one action after the other. A client that goes on is read at once, within here: the machine takes that as any other event.
  private func proceed() {
    while let action = machine.next(canSend: output?.isWritable ?? true) {
      switch action {
      case .push(let read):
        // Another stream may have staged in this turn: this one was closed from outside its own read, by room or by its call's end.
        ingress.claimStage(for: self)
        pushed(ingress.router.flush(slot: slot, read: read)) { $0.pushed(markers: $1) }
      case .dropBlocked:
        pushed(ingress.router.dropItems(slot: slot)) { $0.unblocked(markers: $1) }
      case .send(let acknowledgement): output?.send(acknowledgement)
      case .pauseReceiving: output?.pauseReceiving()
      case .resumeReceiving: output?.resumeReceiving()
      case .finishEarly(let status): finishCall(status)
      case .end(let status, let processed): end(status, processed)
      }
    }
  }

  private func pushed(_ result: FlushResult, _ done: (inout PublishStateMachine, Int) -> Void) {
    switch result {
    case .done(let markers):
      done(&machine, markers)
      countRest(0)
    case .blocked(let channel):
      machine.blocked(by: channel.name, at: loop.monotonicNow)
      countRest(ingress.router.waitingBytes(slot: slot))
      let mailbox = loop.mailbox
      let slot = slot
      channel.notifyOfRoom { mailbox.post { $0.calls.stream(at: slot)?.roomAgain() } }
    }
  }

  // MARK: - What waits beside full rings

  /// Keeps the budget at what waits; where it has no room for more, this stream is the one to end.
  private func countRest(_ bytes: Int) {
    if bytes <= restBytes {
      budget.release(restBytes - bytes, .rests)
    } else if let refusal = budget.reserve(bytes - restBytes, .rests) {
      budget.add(bytes - restBytes, .rests)
      machine.restRefused(noRoomForRests(refusal))
    }
    restBytes = bytes
  }

  /// What a named publisher has sent is kept whatever comes: where what its connection left waiting is at the connection's share already, it has to
  /// come again later. So are all that are named where what waits is at the limit of the process.
  private func refusesForRests() -> Bool {
    guard machine.publisher != nil else { return false }
    let refusal: BudgetHolder.Refusal
    if budget.rests >= budget.budget.share {
      refusal = .shareTaken
    } else if budget.budget.bytes(of: .rests) >= budget.budget.limit {
      refusal = .spent
    } else {
      return false
    }
    end(with: noRoomForRests(refusal))
    return true
  }

  private func noRoomForRests(_ refusal: BudgetHolder.Refusal) -> Status {
    let limit = budget.budget.limit
    let reached =
      switch refusal {
      case .spent: "limits.pending_bytes (\(limit) bytes) is reached"
      case .shareTaken:
        "limits.share_pct: this connection holds \(budget.total) bytes of limits.pending_bytes (\(limit) bytes), of which one may have \(budget.budget.sharePercent) %"
      }
    return Status(
      .resourceExhausted,
      reached + "; owner rests: items that wait for full channels. Send what is not acknowledged again later")
  }

  private func end(_ status: Status, _ processed: UInt64) {
    if let publisher = machine.publisher, let token = claimToken {
      claimToken = nil
      loop.shared.publishers.release(
        publisher, token: token, processed: processed, at: loop.monotonicNow,
        isForgotten: forgetsName && status.code == .ok)
    }
    finishCall(status)
    loop.admission.retire(self)
  }

  private func finishCall(_ status: Status) {
    output?.finish(status)
    output = nil
  }
}
