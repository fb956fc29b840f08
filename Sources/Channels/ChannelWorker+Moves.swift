internal import Detection
internal import Events
internal import LockFree
internal import MarketData
internal import Synchronization

/// How symbols move with their state. The giving worker does it, on its own thread, while no other move is under way.
///
/// The input closes; states and what waits go to the successors' mailboxes; then the placement changes, and a new input opens. A producer finds the old
/// input closed, asks anew where its records belong, and what it pushes there comes behind the transfer.
extension ChannelWorker {
  /// - Returns: whether everything has moved; false where nobody could take it.
  mutating func evacuate(_ reason: Evacuation) -> Bool {
    let control = channel.control
    let router = context.router
    // It has failed, or been told to end, since it was asked.
    guard !hasEnded, !isEnding else { return false }
    guard router.registry.sibling(of: control) != nil else {
      if case .drain = reason { control.cancelDrain() }
      return false
    }
    // Set before the ring is drained: the records taken out are still this channel's, and the watermark must not pass them.
    control.hasBacklog.store(true, ordering: .releasing)
    let rest = input.closeAndDrain()
    return router.moving {
      takeIn(rest)
      if case .drain = reason { processEverything() }
      var targets: [SymbolID: Int] = [:]
      // Nothing is handed to workers that are being stopped: they may have ended already.
      let sibling = router.isStopping ? nil : router.registry.sibling(of: control)
      switch reason {
      case .drain: if let sibling { targets = router.registry.plan(evacuating: control, orElse: sibling) }
      case .breaker, .failure:
        if let sibling {
          targets = router.registry.plan(evacuating: control, to: sibling)
          if targets.isEmpty { handOverRecords(to: sibling) }
        }
      }
      guard let sibling else {
        // It went away meanwhile.
        reopen()
        if case .drain = reason { control.cancelDrain() }
        return false
      }
      handOver(targets, successor: sibling)
      control.meters.failovers.add(1)
      switch reason {
      case .breaker: reopen()
      case .drain: end(.stop)
      case .failure: end(.fail)
      }
      return true
    }
  }

  /// Gives some symbols away: what waits is processed first.
  /// - Returns: how many have gone.
  mutating func give(_ wanted: [SymbolID: Int]) -> Int {
    let control = channel.control
    guard !hasEnded, !isHeld(), !isEnding, control.state == .running else { return 0 }
    control.hasBacklog.store(true, ordering: .releasing)
    let rest = input.closeAndDrain()
    let router = context.router
    return router.moving {
      takeIn(rest)
      processEverything()
      let accepting = Set(Set(wanted.values).filter { router.accepts($0) })
      let targets = router.registry.still(wanted.filter { accepting.contains($0.value) }, on: control)
      handOver(targets, successor: nil)
      reopen()
      return targets.count
    }
  }

  /// Takes over transfers first, then the records from the closed input, which were pushed later. No transfer can arrive meanwhile: moves exclude each
  /// other.
  private mutating func takeIn(_ rest: (records: [ItemRecord<Engine.Item>], dropped: [StreamSlot: UInt64])) {
    for transfer in channel.mailbox.takeTransfers() { adopt(transfer) }
    add(rest.dropped)
    append(rest.records)
  }

  /// Whatever the fault plan says: a move is no batch.
  private mutating func processEverything() {
    let kept = injector
    injector = nil
    isMoving = true
    processWholeBacklog()
    isMoving = false
    injector = kept
  }

  private mutating func handOver(_ targets: [SymbolID: Int], successor: ChannelControl?) {
    var transfers: [Int: SymbolTransfer<Engine>] = [:]
    // In the order of their numbers, so that the same move is the same on every run.
    let symbols = targets.keys.sorted { $0.index < $1.index }
    let successors = Set(targets.values)
    for successor in successors {
      let states = engine.takeStates(of: successors.count == 1 ? symbols : symbols.filter { targets[$0] == successor })
      if !states.isEmpty { transfers[successor] = SymbolTransfer(states: states) }
    }
    if let first = successors.min() {
      transfers[first, default: SymbolTransfer()].records = takeBacklog()
      transfers[first, default: SymbolTransfer()].tallies = takeTallies()
    }
    channel.siblings.note(successors: successors, of: channel.control.number)
    for (target, transfer) in transfers { send(transfer, to: target) }
    channel.control.meters.symbols.set(UInt64(engine.symbolCount))
    context.router.registry.move(targets, from: channel.control, successor: successor)
  }

  /// The channel has no symbols but may hold markers, which must still come out.
  private mutating func handOverRecords(to target: ChannelControl) {
    let waiting = takeBacklog()
    let tallies = takeTallies()
    guard !waiting.isEmpty || !tallies.isEmpty else { return }
    channel.siblings.note(successors: [target.number], of: channel.control.number)
    send(SymbolTransfer(records: waiting, tallies: tallies), to: target.number)
  }

  private func send(_ transfer: SymbolTransfer<Engine>, to number: Int) {
    // Targets were chosen among channels with workers while no other move runs, so no input reaches these preconditions. Going on
    // would lose the transfer's records.
    guard let target = channel.siblings.channel(number) else {
      preconditionFailure("channel \(number) is no successor")
    }
    // Counted before it is posted: in between, the target could look empty and the watermark pass these records.
    target.control.transfers.wrappingAdd(1, ordering: .acquiringAndReleasing)
    target.control.arriving.wrappingAdd(transfer.states.count, ordering: .acquiringAndReleasing)
    let isTaken = target.accept(transfer)
    precondition(isTaken, "the successor '\(target.control.name)' has no worker")
  }

  mutating func adopt(_ transfer: SymbolTransfer<Engine>) {
    engine.adopt(all: transfer.states)
    for (slot, more) in transfer.tallies {
      withTally(of: slot) { tally in
        tally.late &+= more.late
        tally.quarantined &+= more.quarantined
        tally.outOfSession &+= more.outOfSession
        tally.dropped &+= more.dropped
      }
    }
    let items = transfer.records.count { $0.kind == .item }
    channel.control.meters.received.wrappingAdd(UInt64(items), ordering: .relaxed)
    append(transfer.records)
    // Subtracted after `append` has set `hasBacklog`: in between, the channel could look empty.
    channel.control.transfers.wrappingSubtract(1, ordering: .acquiringAndReleasing)
    channel.control.meters.symbols.set(UInt64(engine.symbolCount))
    channel.control.arriving.wrappingSubtract(transfer.states.count, ordering: .acquiringAndReleasing)
  }

  private mutating func takeBacklog() -> [ItemRecord<Engine.Item>] {
    let waiting = Array(backlog[backlogStart...])
    channel.control.meters.failed.add(UInt64(waiting.count { $0.kind == .item }))
    backlog = []
    backlogStart = 0
    channel.control.hasBacklog.store(false, ordering: .releasing)
    return waiting
  }

  private mutating func takeTallies() -> [StreamSlot: ItemTally] {
    var taken: [StreamSlot: ItemTally] = [:]
    for (index, tally) in tallies.enumerated() where tally != ItemTally() {
      taken[StreamSlot(UInt32(index))] = tally
    }
    tallies = []
    return taken
  }

  private mutating func reopen() {
    input = channel.openInput()
    context.router.moved()
    channel.control.wakeWaiters()
  }

  private mutating func end(_ request: ChannelLifecycle.Request) {
    channel.siblings.install(nil, at: channel.control.number)
    context.router.moved()
    channel.control.hasWorker.store(false, ordering: .releasing)
    try? channel.control.change(request)
    // Jobs posted until now still run. None of them is a transfer, since moves exclude each other.
    hasEnded = true
    channel.mailbox.close()
  }
}
