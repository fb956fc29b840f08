package import Detection
internal import LockFree
package import MarketData
internal import Synchronization

/// A processing channel: a gate with its ring, a worker thread with the detectors' state, and the way of events and markers to the sequencer.
///
/// Any thread may call it; the worker's own state is in `ChannelWorker`. No record that passed the gate is lost.
package final class ItemChannel<Engine: ChannelEngine>: AnyChannel {
  package typealias Item = Engine.Item

  package let core: ChannelCore
  let inbox = WorkerInbox<Engine>()
  unowned let group: ChannelGroup<Engine>
  private let thread = Guarded<NamedThread?>(nil)
  private static var symbolsAJob: Int { 512 }

  init(core: ChannelCore, group: ChannelGroup<Engine>) {
    self.core = core
    self.group = group
  }

  package func start(in context: WorkerContext) {
    thread.withLock { thread in
      guard thread == nil else { return }
      let gate = openGate()
      core.hasStopped.store(false, ordering: .releasing)
      inbox.open()
      core.hasWorker.store(true, ordering: .releasing)
      thread = NamedThread(core.name) {
        self.work(behind: gate, in: context)
      }
    }
  }

  /// The compiler does not specialise code entered through a thread closure; dispatch to concrete types once, here. Unspecialised, a tick costs a
  /// fifth more.
  private func work(behind gate: Gate<Item>, in context: WorkerContext) {
    if let channel = self as? ItemChannel<TickEngine>, let gate = gate as? Gate<Tick> {
      ChannelWorker<TickEngine>.run(channel, gate, context)
    } else if let channel = self as? ItemChannel<BarEngine>, let gate = gate as? Gate<Bar> {
      ChannelWorker<BarEngine>.run(channel, gate, context)
    } else if let channel = self as? ItemChannel<FairValueEngine>, let gate = gate as? Gate<FairMarketValue> {
      ChannelWorker<FairValueEngine>.run(channel, gate, context)
    } else {
      ChannelWorker<Engine>.run(self, gate, context)
    }
  }

  package func stop() {
    // A stopped or failed channel refuses the change and stays as it is.
    try? core.change(.stop)
    core.hasWorker.store(false, ordering: .releasing)
    core.hasStopped.store(true, ordering: .releasing)
    if inbox.post({ $0.finish() }) { core.parker.unpark() }
    join()
  }

  /// Waits for the end of a worker that is ending.
  func join() {
    let thread = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    thread?.join()
  }

  /// A new gate behind which this channel's producers find it.
  func openGate() -> Gate<Item> {
    let gate = Gate<Item>(core: core)
    core.observe(gate)
    group.install(gate, at: core.number)
    return gate
  }

  // MARK: - Jobs for the worker

  func post(_ job: @escaping WorkerInbox<Engine>.Job) -> Bool {
    guard inbox.post(job) else { return false }
    core.parker.unpark()
    return true
  }

  /// Takes what another channel hands over.
  func accept(_ parcel: Handover<Engine>) -> Bool {
    guard inbox.post(parcel) else { return false }
    core.parker.unpark()
    return true
  }

  package func snapshots(of symbols: [SymbolID], _ reply: @escaping @Sendable ([SymbolSnapshot]) -> Void) {
    if !post({ worker in reply(symbols.compactMap { worker.snapshot(of: $0) }) }) { reply([]) }
  }

  package func reset(_ symbols: [SymbolID], _ done: @escaping @Sendable () -> Void) {
    // Some at a time, with a batch between two jobs: a million symbols in one would hold the channel's records up for as long.
    var rest = symbols[...]
    while rest.count > Self.symbolsAJob {
      let some = rest.prefix(Self.symbolsAJob)
      rest = rest.dropFirst(Self.symbolsAJob)
      _ = post { worker in worker.reset(some) }
    }
    let last = rest
    let posted = post { worker in
      worker.reset(last)
      done()
    }
    if !posted { done() }
  }

  package func settingsChanged(_ done: @escaping @Sendable () -> Void) {
    let posted = post { worker in
      worker.takeSettings()
      done()
    }
    if !posted { done() }
  }

  package func evacuate(_ reason: Evacuation, _ done: @escaping @Sendable (Bool) -> Void) {
    if !post({ done($0.evacuate(reason)) }) { done(false) }
  }

  package func give(_ symbols: [SymbolID: Int], _ done: @escaping @Sendable (Int) -> Void) {
    if !post({ done($0.give(symbols)) }) { done(0) }
  }

  package func force(_ force: ForcedBreaker, _ done: @escaping @Sendable () -> Void) {
    let posted = post { worker in
      worker.force(force)
      done()
    }
    if !posted { done() }
  }
}

/// A handover from one channel to another: symbols' states, and the records to process after them.
struct Handover<Engine: ChannelEngine>: Sendable {
  var states: [Engine.SymbolState] = []
  var records: [ItemRecord<Engine.Item>] = []
  /// Counts for markers that are still to come, by slot; the target adds them to its own.
  var tallies: [StreamSlot: ItemTally] = [:]
}

/// All channels of one kind, and the gates behind which producers find them.
package final class ChannelGroup<Engine: ChannelEngine>: Sendable {
  private struct Content: Sendable {
    /// By channel number; nil = takes nothing.
    var gates: [Gate<Engine.Item>?] = []
    /// By channel number: the channels that have taken over its records. Kept for deleted channels too: markers may still be under way.
    var heirs: [Set<Int>] = []
    /// In the order of their creation.
    var channels: [ItemChannel<Engine>] = []
  }

  private let content = Guarded(Content())

  var channels: [ItemChannel<Engine>] { content.withLock { $0.channels } }
  var gates: [Gate<Engine.Item>?] { content.withLock { $0.gates } }

  func channel(_ number: Int) -> ItemChannel<Engine>? {
    content.withLock { $0.channels.first { $0.core.number == number } }
  }

  func add(_ channel: ItemChannel<Engine>) {
    content.withLock { content in
      content.channels.append(channel)
      while content.heirs.count <= channel.core.number { content.heirs.append([]) }
    }
  }

  /// Notes the channels that have taken over a channel's records.
  func note(heirs: Set<Int>, of number: Int) {
    content.withLock { content in
      if content.heirs.indices.contains(number) { content.heirs[number].formUnion(heirs) }
    }
  }

  func remove(_ number: Int) { content.withLock { $0.channels.removeAll { $0.core.number == number } } }

  func install(_ gate: Gate<Engine.Item>?, at number: Int) {
    content.withLock { content in
      while content.gates.count <= number { content.gates.append(nil) }
      content.gates[number] = gate
    }
  }

  /// The channels in which records of this one may be now: itself while it has a gate, and all that have taken over from it, directly or not.
  func whereabouts(of number: Int) -> Set<Int> {
    content.withLock { content in
      var seen: Set<Int> = [number]
      var open = [number]
      while let next = open.popLast() {
        guard content.heirs.indices.contains(next) else { continue }
        for heir in content.heirs[next] where seen.insert(heir).inserted { open.append(heir) }
      }
      return seen.filter { content.gates.indices.contains($0) && content.gates[$0] != nil }
    }
  }
}
