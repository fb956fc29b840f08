internal import Detection
internal import LockFree
internal import MarketData
internal import Synchronization

/// How symbols move with their state. The giving worker does it, on its own thread, while no other move is under way.
///
/// The gate closes; states and what waits go to the heirs' inboxes; then the placement changes, and a new gate opens. A producer finds the old gate
/// closed, asks anew where its records belong, and what it pushes there comes behind the handover.
extension ChannelWorker {
  /// - Returns: whether everything has moved; false where nobody could take it.
  mutating func evacuate(_ reason: Evacuation) -> Bool {
    let core = channel.core
    let router = context.router
    // It has failed, or been told to end, since it was asked.
    guard !hasEnded, !isEnding else { return false }
    guard router.registry.sibling(of: core) != nil else {
      if case .drain = reason { core.cancelDrain() }
      return false
    }
    // Set before the ring is drained: the records taken out are still this channel's, and the watermark must not pass them.
    core.hasBacklog.store(true, ordering: .releasing)
    let rest = gate.closeAndDrain()
    return router.moving {
      takeIn(rest)
      if case .drain = reason { processEverything() }
      var targets: [SymbolID: Int] = [:]
      // Nothing is handed to workers that are being stopped: they may have ended already.
      let sibling = router.isStopping ? nil : router.registry.sibling(of: core)
      switch reason {
      case .drain: if let sibling { targets = router.registry.plan(evacuating: core, orElse: sibling) }
      case .breaker, .failure:
        if let sibling {
          targets = router.registry.plan(evacuating: core, to: sibling)
          if targets.isEmpty { handOverRecords(to: sibling) }
        }
      }
      guard let sibling else {
        // It went away meanwhile.
        reopen()
        if case .drain = reason { core.cancelDrain() }
        return false
      }
      handOver(targets, heir: sibling)
      core.meters.failovers.add(1)
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
    let core = channel.core
    guard !hasEnded, !isHeld(), !isEnding, core.state == .running else { return 0 }
    core.hasBacklog.store(true, ordering: .releasing)
    let rest = gate.closeAndDrain()
    let router = context.router
    return router.moving {
      takeIn(rest)
      processEverything()
      let accepting = Set(Set(wanted.values).filter { router.accepts($0) })
      let targets = router.registry.still(wanted.filter { accepting.contains($0.value) }, on: core)
      handOver(targets, heir: nil)
      reopen()
      return targets.count
    }
  }

  /// Takes over handovers first, then the records from the closed gate, which were pushed later. No handover can arrive meanwhile: moves exclude each
  /// other.
  private mutating func takeIn(_ rest: (records: [ItemRecord<Engine.Item>], dropped: [StreamSlot: UInt64])) {
    for parcel in channel.inbox.takeParcels() { adopt(parcel) }
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

  private mutating func handOver(_ targets: [SymbolID: Int], heir: ChannelCore?) {
    var parcels: [Int: Handover<Engine>] = [:]
    // In the order of their numbers, so that the same move is the same on every run.
    let symbols = targets.keys.sorted { $0.index < $1.index }
    let heirs = Set(targets.values)
    for heir in heirs {
      let states = engine.takeStates(of: heirs.count == 1 ? symbols : symbols.filter { targets[$0] == heir })
      if !states.isEmpty { parcels[heir] = Handover(states: states) }
    }
    if let first = heirs.min() {
      parcels[first, default: Handover()].records = takeBacklog()
      parcels[first, default: Handover()].tallies = takeTallies()
    }
    channel.group.note(heirs: heirs, of: channel.core.number)
    for (target, parcel) in parcels { send(parcel, to: target) }
    channel.core.meters.symbols.set(UInt64(engine.symbolCount))
    context.router.registry.move(targets, from: channel.core, heir: heir)
  }

  /// The channel has no symbols but may hold markers, which must still come out.
  private mutating func handOverRecords(to target: ChannelCore) {
    let waiting = takeBacklog()
    let tallies = takeTallies()
    guard !waiting.isEmpty || !tallies.isEmpty else { return }
    channel.group.note(heirs: [target.number], of: channel.core.number)
    send(Handover(records: waiting, tallies: tallies), to: target.number)
  }

  private func send(_ parcel: Handover<Engine>, to number: Int) {
    // Targets were chosen among channels with workers while no other move runs, so no input reaches these preconditions. Going on
    // would lose the parcel's records.
    guard let target = channel.group.channel(number) else { preconditionFailure("channel \(number) is no heir") }
    // Counted before it is posted: in between, the target could look empty and the watermark pass these records.
    target.core.parcels.wrappingAdd(1, ordering: .acquiringAndReleasing)
    target.core.arriving.wrappingAdd(parcel.states.count, ordering: .acquiringAndReleasing)
    let isTaken = target.accept(parcel)
    precondition(isTaken, "the heir '\(target.core.name)' has no worker")
  }

  mutating func adopt(_ parcel: Handover<Engine>) {
    engine.adopt(all: parcel.states)
    for (slot, more) in parcel.tallies {
      withTally(of: slot) { tally in
        tally.late &+= more.late
        tally.quarantined &+= more.quarantined
        tally.outOfSession &+= more.outOfSession
        tally.dropped &+= more.dropped
      }
    }
    let items = parcel.records.count { $0.kind == .item }
    channel.core.meters.received.wrappingAdd(UInt64(items), ordering: .relaxed)
    append(parcel.records)
    // Subtracted after `append` has set `hasBacklog`: in between, the channel could look empty.
    channel.core.parcels.wrappingSubtract(1, ordering: .acquiringAndReleasing)
    channel.core.meters.symbols.set(UInt64(engine.symbolCount))
    channel.core.arriving.wrappingSubtract(parcel.states.count, ordering: .acquiringAndReleasing)
  }

  private mutating func takeBacklog() -> [ItemRecord<Engine.Item>] {
    let waiting = Array(backlog[backlogStart...])
    channel.core.meters.failed.add(UInt64(waiting.count { $0.kind == .item }))
    backlog = []
    backlogStart = 0
    channel.core.hasBacklog.store(false, ordering: .releasing)
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
    gate = channel.openGate()
    context.router.moved()
    channel.core.wakeWaiters()
  }

  private mutating func end(_ wish: ChannelLifecycle.Wish) {
    channel.group.install(nil, at: channel.core.number)
    context.router.moved()
    channel.core.hasWorker.store(false, ordering: .releasing)
    try? channel.core.change(wish)
    // Jobs posted until now still run. None of them is a handover, since moves exclude each other.
    hasEnded = true
    channel.inbox.close()
  }
}
