internal import Glibc
internal import LockFree
internal import MarketData
internal import Synchronization

/// Where symbols move to.
///
/// Event loops ask the registry for symbols' places, so nothing here holds its mutex for longer than some hundred symbols take: plans are made on a
/// copy, and moves are noted by slices. Moves exclude each other (`ChannelRouter.moving`); only new symbols come between two slices.
extension SymbolRegistry {
  private static var sliceCount: Int { 256 }
  /// Places that one look for stragglers walks through: 32 KiB of them.
  private static var scanCount: Int { 16_384 }

  func symbols(on control: ChannelControl) -> [SymbolID] {
    Self.symbols(on: control, in: content.withLock { $0 })
  }

  private static func symbols(on control: ChannelControl, in content: Content) -> [SymbolID] {
    let places = content.kinds[control.type.index].places
    return places.indices.filter { Int(places[$0]) == control.number }.map { SymbolID(UInt32($0)) }
  }

  /// Of the symbols that were to move, those that are still on the channel.
  func still(_ wanted: [SymbolID: Int], on control: ChannelControl) -> [SymbolID: Int] {
    let places = content.withLock { $0.kinds[control.type.index].places }
    return wanted.filter { Int($0.key.index) < places.count && Int(places[Int($0.key.index)]) == control.number }
  }

  func plan(evacuating control: ChannelControl, to target: ChannelControl) -> [SymbolID: Int] {
    Dictionary(uniqueKeysWithValues: symbols(on: control).map { ($0, target.number) })
  }

  /// Where each of a channel's symbols goes, by the strategy, without that channel.
  /// - Parameter sibling: takes what no other channel's profiles allow: a symbol placed before profiles were changed.
  func plan(evacuating control: ChannelControl, orElse sibling: ChannelControl) -> [SymbolID: Int] {
    planning(control.type) { content in
      var plan: [SymbolID: Int] = [:]
      for id in Self.symbols(on: control, in: content) {
        plan[id] = target(of: id, leaving: control, orElse: sibling, &content).number
      }
      return plan
    }
  }

  /// Which symbols have to go where, by channel, so that all stand where the strategy would place them now.
  func rebalancing(_ type: ChannelType) -> [Int: [SymbolID: Int]] {
    planning(type) { content in
      var moves: [Int: [SymbolID: Int]] = [:]
      let kind = type.index
      content.kinds[kind].chooser.begin()
      for index in content.kinds[kind].places.indices where content.kinds[kind].places[index] != Self.nowhere {
        let id = SymbolID(UInt32(index))
        let now = Int(content.kinds[kind].places[index])
        guard let profile = Self.profile(of: id, content),
          let target = content.choose(for: symbols.name(of: id), kind, profile: content.profiles[profile].name)
        else { continue }
        if target.number != now { moves[now, default: [:]][id] = target.number }
      }
      content.kinds[kind].chooser.end()
      return moves
    }
  }

  /// Plans on a copy, without the mutex: a choice for each of a million symbols takes seconds. The copy shares its memory; a symbol that is placed
  /// meanwhile costs a copy of two bytes a symbol. Where the strategy stands goes back, so that the next symbol has its turn behind the planned ones.
  private func planning<R>(_ type: ChannelType, _ body: (inout Content) -> R) -> R {
    var copy = content.withLock { $0 }
    let result = body(&copy)
    let chooser = copy.kinds[type.index].chooser
    content.withLock { content in
      // An admin may have set another rule meanwhile: that one begins anew.
      if content.kinds[type.index].chooser.rule == chooser.rule { content.kinds[type.index].chooser = chooser }
    }
    return result
  }

  private func target(
    of id: SymbolID, leaving control: ChannelControl, orElse sibling: ChannelControl, _ content: inout Content
  ) -> ChannelControl {
    guard let profile = Self.profile(of: id, content) else { return sibling }
    return content.choose(
      for: symbols.name(of: id), control.type.index, profile: content.profiles[profile].name, without: control)
      ?? sibling
  }

  /// Places symbols anew. Their states have been handed over before, and the channel's input is closed until after: a producer that asks between two
  /// slices is led behind the transfer, or finds the closed input and asks again.
  /// - Parameter successor: given where the channel keeps no symbol. Fallback for symbols placed on `control` during the move that no other channel
  ///   accepts.
  func move(_ targets: [SymbolID: Int], from control: ChannelControl, successor: ChannelControl?) {
    let kind = control.type.index
    var index = targets.startIndex
    while index != targets.endIndex {
      slice { content in
        for _ in 0..<Self.sliceCount where index != targets.endIndex {
          let (id, target) = targets[index]
          content.kinds[kind].places[Int(id.index)] = UInt16(target)
          content.kinds[kind].symbolsOf[control.number, default: 1] -= 1
          content.kinds[kind].symbolsOf[target, default: 0] += 1
          content.moves += 1
          targets.formIndex(after: &index)
        }
      }
    }
    guard let successor else { return }
    // New symbols do not come here any more: the channel is open, draining or failed. Those that came before it was are found behind each other.
    var next: Int? = 0
    while let start = next {
      next = slice { content in
        let end = min(start + Self.scanCount, content.kinds[kind].places.count)
        for index in start..<max(start, end) where Int(content.kinds[kind].places[index]) == control.number {
          let id = SymbolID(UInt32(index))
          guard let profile = Self.profile(of: id, content) else { continue }
          let target = target(of: id, leaving: control, orElse: successor, &content)
          content.kinds[kind].symbolsOf[control.number, default: 1] -= 1
          content.note(id, profile: profile, on: target.number, kind)
        }
        return end < content.kinds[kind].places.count ? end : nil
      }
    }
  }

  /// Holds the mutex for a bounded piece of work, and lets event loops that have come meanwhile in before the next one: a thread that takes a mutex
  /// again at once mostly gets it, however long the others have waited.
  private func slice<R>(_ body: (inout Content) -> R) -> R {
    let result = content.withLock { body(&$0) }
    var looks = 0
    while asking.load(ordering: .relaxed) > 0, looks < 64 {
      sched_yield()
      looks += 1
    }
    return result
  }
}
