internal import Events
package import LockFree
internal import MarketData

/// One event loop's way into the channels of one kind: gathers records by channel and pushes each channel's as one run. Not thread-safe.
///
/// Records that find no room stay here, by stream: a full channel stops only the streams that publish to it.
package final class LoopProducer<Engine: ChannelEngine> {
  package typealias Record = ItemRecord<Engine.Item>

  /// Leftover records of one push into one channel, in order; the last may be a marker. All of a symbol's leftover records go into one entry;
  /// split over two they could be pushed out of order.
  private struct Entry {
    let number: Int
    let input: ChannelInput<Engine.Item>?
    let run: RunBuffer<Record>
    /// Items of the read, but not those in `run`, are in this channel's ring: the worker's counts of them leave by the marker.
    var hasEntered = true
    var pushed = 0
  }

  private struct Rest {
    var entries: [Entry]
    var markers: Int
  }

  /// Inputs that are taken once the remembered routes fit them.
  private struct InputChange {
    var inputs: [ChannelInput<Engine.Item>?]
    /// By channel number: remembered routes to it must be asked for anew before its new input is taken.
    var isConcerned: [Bool]
    /// Routes have changed that did not move.
    var concernsAll: Bool
  }

  private let channels: ChannelSet<Engine>
  private let registry: SymbolRegistry
  /// A remembered route must lead to the channel that has the symbol, or to an input held here that is closed, which re-routes.
  private var inputs: [ChannelInput<Engine.Item>?] = []
  private var change: InputChange?
  /// Where the decoder puts a stream's records, by channel; all of one stream, until its `flush`.
  package let stages: RunSet<Record>
  /// Channels that a stream's open read has gone into in earlier pushes, by the inputs that were known then: their markers are still to come.
  private var touched: [StreamSlot: [Int: ChannelInput<Engine.Item>?]] = [:]
  private var rests: [StreamSlot: Rest] = [:]

  init(channels: ChannelSet<Engine>, registry: SymbolRegistry) {
    self.channels = channels
    self.registry = registry
    stages = RunSet(count: 1)
    take(channels.inputs)
  }

  var isIdle: Bool { stages.touched.isEmpty && touched.isEmpty }

  var isStaged: Bool { !stages.touched.isEmpty }

  private func take(_ inputs: [ChannelInput<Engine.Item>?]) {
    self.inputs = inputs
    stages.grow(toCount: max(1, inputs.count))
  }

  /// Notes that symbols have moved.
  /// - Parameter concernsAll: whether routes have changed also of symbols that did not.
  func lookForChange(concernsAll: Bool) {
    let now = channels.inputs
    let isConcerned = now.indices.map { !inputs.indices.contains($0) || inputs[$0] !== now[$0] }
    guard concernsAll || isConcerned.contains(true) else { return }
    change = InputChange(inputs: now, isConcerned: isConcerned, concernsAll: concernsAll)
  }

  /// Corrects some of the remembered routes, and takes the new inputs once all fit.
  ///
  /// Why a corrected route is safe however late the others come: it leads to where its symbol was after `lookForChange`. A symbol that leaves that
  /// channel later closes the input noted there. One that is yet to be corrected leads, if the symbol has left, to a closed input held here.
  /// - Precondition: nothing is staged: a symbol could be staged for two channels.
  /// - Returns: whether there is nothing left to correct.
  func follow(_ memory: (any RouteMemory)?) -> Bool {
    guard let change else { return true }
    if let memory {
      let isOver = registry.withRoutes(Engine.type) { current in
        memory.update(Engine.type) { route in
          let number = Int(route.channel)
          let moves = number < change.isConcerned.count && change.isConcerned[number]
          guard moves || change.concernsAll, let now = current(route.symbol) else { return }
          route = now
        }
      }
      guard isOver else { return false }
    }
    take(change.inputs)
    self.change = nil
    return true
  }

  /// Where a symbol's items belong now. One that has been routed has a place for ever.
  private func place(of symbol: SymbolID) -> Int {
    let number = registry.channel(of: symbol, Engine.type) ?? 0
    stages.grow(toCount: number + 1)
    return number
  }

  private func input(_ number: Int) -> ChannelInput<Engine.Item>? {
    inputs.indices.contains(number) ? inputs[number] : nil
  }

  /// Pushes what is staged, all of it the stream's; with `read`, a marker follows into every channel touched since the stream's last one.
  /// - Precondition: nothing of this stream is blocked here.
  /// - Returns: how many markers went along or wait, and the channel that everything waits for.
  func flush(slot: StreamSlot, read: UInt64?) -> (markers: Int, blocked: ChannelControl?) {
    assert(
      stages.allRecords { $0.slot == slot },
      "another stream's records are staged: they would go in behind this one's marker")
    var markers = 0
    let earlier = touched.isEmpty ? nil : touched[slot]
    if let read {
      var targets = Set(stages.touched.filter { stages.count(of: $0) > 0 })
      if let earlier {
        touched[slot] = nil
        for (number, input) in earlier {
          if let input, input === self.input(number), !input.ring.isClosed {
            targets.insert(number)
          } else {
            targets.formUnion(channels.holders(of: number))
          }
        }
      }
      markers = targets.count
      stages.grow(toCount: (targets.max() ?? 0) + 1)
      for number in targets.sorted() {
        stages.append(Record(marker: Marker(slot: slot, read: read)), to: number)
      }
    } else {
      for number in stages.touched where stages.count(of: number) > 0 {
        touched[slot, default: [:]].updateValue(input(number), forKey: number)
      }
    }
    var rest = Rest(entries: [], markers: markers)
    for number in stages.touched where stages.count(of: number) > 0 {
      let input = input(number)
      let pushed = input.map { input in stages.withRun(of: number) { input.push($0) } } ?? 0
      guard pushed < stages.count(of: number) else { continue }
      let left = RunBuffer<Record>(capacity: stages.count(of: number) - pushed)
      stages.withRun(of: number, from: pushed) { run in
        for offset in run.indices { left.append(run[offset]) }
      }
      let hasEntered = pushed > 0 || earlier?.keys.contains(number) == true
      rest.entries.append(Entry(number: number, input: input, run: left, hasEntered: hasEntered))
    }
    stages.removeAll()
    return settle(rest, of: slot)
  }

  /// Pushes on with what `flush` left.
  func resume(slot: StreamSlot) -> (markers: Int, blocked: ChannelControl?) {
    guard var rest = rests.removeValue(forKey: slot) else { return (0, nil) }
    push(&rest)
    return settle(rest, of: slot)
  }

  /// Lets go of a stream's waiting items, and of the markers behind them where nothing of the read got into the ring.
  /// - Returns: how many markers went.
  func dropItems(slot: StreamSlot) -> Int {
    guard var rest = rests.removeValue(forKey: slot) else { return 0 }
    let before = rest.markers
    rest.entries = rest.entries.compactMap { entry in
      let hasEntered = entry.hasEntered || entry.pushed > 0
      let last = entry.run.withRun(from: entry.run.count - 1) { $0[0] }
      guard last.kind == .marker else {
        if !hasEntered { untouch(entry.number, slot) }
        return nil
      }
      guard hasEntered else {
        rest.markers -= 1
        return nil
      }
      let run = RunBuffer<Record>(capacity: 1)
      run.append(last)
      return Entry(number: entry.number, input: entry.input, run: run)
    }
    rests[slot] = rest
    return before - rest.markers
  }

  private func untouch(_ number: Int, _ slot: StreamSlot) {
    touched[slot]?.removeValue(forKey: number)
    if touched[slot]?.isEmpty == true { touched[slot] = nil }
  }

  func isBlocked(_ slot: StreamSlot) -> Bool { rests[slot] != nil }

  /// Of the records that `flush` left.
  func waitingBytes(_ slot: StreamSlot) -> Int {
    rests[slot]?.entries.reduce(0) { $0 + $1.run.count * MemoryLayout<Record>.stride } ?? 0
  }

  func waitingMarkers(_ slot: StreamSlot) -> Int { rests[slot]?.markers ?? 0 }

  private func push(_ rest: inout Rest) {
    for index in rest.entries.indices {
      let entry = rest.entries[index]
      guard let input = entry.input else { continue }
      rest.entries[index].pushed += entry.run.withRun(from: entry.pushed) { input.push($0) }
    }
    rest.entries.removeAll { $0.pushed == $0.run.count }
  }

  private func settle(_ rest: Rest, of slot: StreamSlot) -> (markers: Int, blocked: ChannelControl?) {
    var rest = rest
    // Each round follows a move that has just ended: there are as many as moves.
    while let moved = rest.entries.firstIndex(where: { hasMoved($0) }) {
      sortAnew(&rest, of: slot, at: moved)
      push(&rest)
    }
    guard let first = rest.entries.first else { return (rest.markers, nil) }
    rests[slot] = rest
    return (rest.markers, first.input?.control)
  }

  /// Whether the input that an entry waits for is not its channel's any more.
  private func hasMoved(_ entry: Entry) -> Bool {
    guard let input = entry.input else { return true }
    guard input.ring.isClosed else { return false }
    let now = channels.inputs
    return !now.indices.contains(entry.number) || now[entry.number] !== input
  }

  /// Sends the rest of a closed input's records where their symbols are now, with a marker behind each part, or one to come.
  private func sortAnew(_ rest: inout Rest, of slot: StreamSlot, at index: Int) {
    let entry = rest.entries.remove(at: index)
    let inputs = channels.inputs
    var runs: [Int: RunBuffer<Record>] = [:]
    // Ask once a symbol: it may move between two of its records, and split over two entries they could be pushed out of order.
    var places: [SymbolID: Int] = [:]
    var marker: Record?
    entry.run.withRun(from: entry.pushed) { run in
      for offset in run.indices {
        guard run[offset].kind == .item else {
          marker = run[offset]
          continue
        }
        let symbol = run[offset].item.symbol
        let number = places[symbol] ?? place(of: symbol)
        places[symbol] = number
        let target = runs[number] ?? RunBuffer(capacity: 64)
        target.append(run[offset])
        runs[number] = target
      }
    }
    if let marker {
      // Records pushed before the input closed may be in any of these channels: a marker must follow into each.
      for number in channels.holders(of: entry.number) where runs[number] == nil {
        runs[number] = RunBuffer(capacity: 1)
      }
      for run in runs.values { run.append(marker) }
      rest.markers += runs.count - 1
    } else {
      for number in runs.keys {
        touched[slot, default: [:]].updateValue(inputs.indices.contains(number) ? inputs[number] : nil, forKey: number)
      }
    }
    for number in runs.keys.sorted() {
      guard let run = runs[number] else { continue }
      rest.entries.append(
        Entry(number: number, input: inputs.indices.contains(number) ? inputs[number] : nil, run: run))
    }
  }
}
