package import Detection
internal import Events
internal import LockFree
package import MarketData
internal import Synchronization

/// A processing channel: an input with its ring, a worker thread with the detectors' state, and the way of events and markers to the sequencer.
///
/// Any thread may call it; the worker's own state is in `ChannelWorker`. No record that passed the input is lost.
package final class ItemChannel<Engine: ChannelEngine>: AnyChannel {
  package typealias Item = Engine.Item

  package let control: ChannelControl
  let mailbox = WorkerMailbox<Engine>()
  unowned let siblings: ChannelSet<Engine>
  private let thread = Guarded<NamedThread?>(nil)
  private static var symbolsAJob: Int { 512 }

  /// A worker's life. Given by whoever knows the engine's concrete type: the compiler does not specialise code that is entered through the closure of
  /// a thread in a generic class, and a tick would cost a fifth more.
  typealias Work = @Sendable (ItemChannel<Engine>, ChannelInput<Item>, WorkerContext) -> Void
  private let work: Work

  init(control: ChannelControl, siblings: ChannelSet<Engine>, work: @escaping Work) {
    self.control = control
    self.siblings = siblings
    self.work = work
  }

  package func start(in context: WorkerContext) {
    thread.withLock { thread in
      guard thread == nil else { return }
      let input = openInput()
      control.hasStopped.store(false, ordering: .releasing)
      mailbox.open()
      control.hasWorker.store(true, ordering: .releasing)
      thread = NamedThread(control.name) {
        self.work(self, input, context)
      }
    }
  }

  package func stop() {
    // A stopped or failed channel refuses the change and stays as it is.
    try? control.change(.stop)
    control.hasWorker.store(false, ordering: .releasing)
    control.hasStopped.store(true, ordering: .releasing)
    if mailbox.post({ $0.finish() }) { control.parker.unpark() }
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

  /// A new input behind which this channel's producers find it.
  func openInput() -> ChannelInput<Item> {
    let input = ChannelInput<Item>(control: control)
    control.observe(input)
    siblings.install(input, at: control.number)
    return input
  }

  // MARK: - Jobs for the worker

  func post(_ job: @escaping WorkerMailbox<Engine>.Job) -> Bool {
    guard mailbox.post(job) else { return false }
    control.parker.unpark()
    return true
  }

  /// Takes what another channel hands over.
  func accept(_ transfer: SymbolTransfer<Engine>) -> Bool {
    guard mailbox.post(transfer) else { return false }
    control.parker.unpark()
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

/// A transfer from one channel to another: symbols' states, and the records to process after them.
struct SymbolTransfer<Engine: ChannelEngine>: Sendable {
  var states: [Engine.SymbolState] = []
  var records: [ItemRecord<Engine.Item>] = []
  /// Counts for markers that are still to come, by slot; the target adds them to its own.
  var tallies: [StreamSlot: ItemTally] = [:]
}

/// All channels of one kind, and the inputs behind which producers find them.
package final class ChannelSet<Engine: ChannelEngine>: Sendable {
  private struct Content: Sendable {
    /// By channel number; nil = takes nothing.
    var inputs: [ChannelInput<Engine.Item>?] = []
    /// By channel number: the channels that have taken over its records. Kept for deleted channels too: markers may still be under way.
    var successors: [Set<Int>] = []
    /// In the order of their creation.
    var channels: [ItemChannel<Engine>] = []
  }

  private let content = Guarded(Content())

  var channels: [ItemChannel<Engine>] { content.withLock { $0.channels } }
  var inputs: [ChannelInput<Engine.Item>?] { content.withLock { $0.inputs } }

  func channel(_ number: Int) -> ItemChannel<Engine>? {
    content.withLock { $0.channels.first { $0.control.number == number } }
  }

  func add(_ channel: ItemChannel<Engine>) {
    content.withLock { content in
      content.channels.append(channel)
      while content.successors.count <= channel.control.number { content.successors.append([]) }
    }
  }

  /// Notes the channels that have taken over a channel's records.
  func note(successors: Set<Int>, of number: Int) {
    content.withLock { content in
      if content.successors.indices.contains(number) { content.successors[number].formUnion(successors) }
    }
  }

  func remove(_ number: Int) { content.withLock { $0.channels.removeAll { $0.control.number == number } } }

  func install(_ input: ChannelInput<Engine.Item>?, at number: Int) {
    content.withLock { content in
      while content.inputs.count <= number { content.inputs.append(nil) }
      content.inputs[number] = input
    }
  }

  /// The channels in which records of this one may be now: itself while it has an input, and all that have taken over from it, directly or not.
  func holders(of number: Int) -> Set<Int> {
    content.withLock { content in
      var seen: Set<Int> = [number]
      var open = [number]
      while let next = open.popLast() {
        guard content.successors.indices.contains(next) else { continue }
        for successor in content.successors[next] where seen.insert(successor).inserted { open.append(successor) }
      }
      return seen.filter { content.inputs.indices.contains($0) && content.inputs[$0] != nil }
    }
  }
}
