import LockFree
import MarketData
import TestKit
import Testing

@testable import Events

@Suite struct FilterTests {
  @Test func equalSubscriptionsShareOneFilterAndLeaveNothingBehind() throws {
    let rig = EventRig()
    do {
      let equal = try (0..<50).map { _ in try rig.subscribe { $0.symbols = ["AA", "B*", "ZZ"] } }
      let other = try rig.subscribe { $0.symbols = ["AA", "B*"] }
      let onChannels = try rig.subscribe { $0.channels = ["AA", "B*"].map { String($0.prefix(1)) } }
      withExtendedLifetime((equal, other, onChannels)) { #expect(rig.filters.count == 3) }
    }
    #expect(rig.filters.count == 0)
  }

  @Test func symbolsThatComeLaterAreHeard() throws {
    let rig = EventRig()
    var exact = try rig.subscribe { $0.symbols = ["AA", "NEW"] }
    var prefix = try rig.subscribe { $0.symbols = ["NE*"] }
    rig.add(4)
    #expect(exact.next() == .caughtUp(last: 0) && prefix.next() == .caughtUp(last: 0))
    guard case .events(_, 1, _)? = exact.next() else { return #expect(Bool(false)) }
    #expect(prefix.next() == nil)
    let new = try #require(rig.symbols.id(adding: "NEW"))
    rig.add([rig.event(new.index), rig.event(1)])
    for subscription in [exact, prefix] {
      var subscription = subscription
      guard case .events(let bytes, 1, _)? = subscription.next() else { return #expect(Bool(false)) }
      #expect(PlainEncoder.sequences(bytes) == [5])
    }
  }

  /// 60,000 names: 9.6 MiB as a set of strings.
  @Test func sixtyThousandNamesTakeLittleAndAreCounted() throws {
    let names = (0..<60_000).map { "SYM\($0)" }
    let budget = ByteBudget(limit: 4 << 20)
    let holder = BudgetHolder(of: budget)
    let unknown = try NameFilter(names, in: NameTable(capacity: 100_000), holder: holder) {}
    #expect(budget.bytes(of: .filters) == unknown.bytes)
    #expect(unknown.bytes < 2 << 20, "\(unknown.bytes) bytes")
    let table = NameTable(capacity: 100_000)
    for name in names { _ = table.number(adding: name) }
    let known = try NameFilter(names, in: table, holder: holder) {}
    #expect(known.bytes < 16 << 10, "\(known.bytes) bytes")
    var looks = 0
    let judged = known.judge(59_999, looks: &looks)
    #expect((0..<60_000).allSatisfy { judged.contains($0) })
    // Where there is no room, nothing of the filter stays counted.
    let other = NameTable(capacity: 100_000)
    let more = (0..<5).map { _ in try? NameFilter(names, in: other, holder: holder) {} }
    #expect(more.contains { $0 == nil } && more.contains { $0 != nil })
    #expect(budget.bytes(of: .filters) == unknown.bytes + known.bytes + more.reduce(0) { $0 + ($1?.bytes ?? 0) })
  }

  @Test func whatAFilterHeldGoesBackAtItsEnd() throws {
    let budget = ByteBudget(limit: 1 << 20)
    let table = NameTable(capacity: 10_000)
    for number in 0..<1_000 { _ = table.number(adding: "S\(number)") }
    do {
      let holder = BudgetHolder(of: budget)
      let filter = try NameFilter(["S*", "OTHER"], in: table, holder: holder) {}
      let before = budget.total
      var looks = 1_000_000
      _ = filter.judge(999, looks: &looks)
      #expect(budget.total > before && budget.total == filter.bytes && holder.total == filter.bytes)
    }
    #expect(budget.total == 0)
  }

  @Test(arguments: 1...20)
  func aNumberSetIsASet(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let share = UInt32.random(in: 1...200, using: &random)
    var set = NumberSet()
    var expected: Set<UInt32> = []
    for start in stride(from: UInt32(0), to: 4_000, by: 500) {
      let wanted = (start..<start + 500).filter { _ in UInt32.random(in: 0...share, using: &random) == 0 }
      expected.formUnion(wanted)
      set.judge(wanted: wanted, upTo: start + 500)
      #expect((0..<set.judged).allSatisfy { set.contains($0) == expected.contains($0) }, "seed \(seed)")
    }
    // Of 256 bits, so that numbers share them: never wrong about what is absent.
    for number in UInt32(0)..<4_000 {
      var words: [UInt64] = [0, 0, 0, 0]
      words[SegmentSummary.word(number, words)] |= 1 << UInt64(number & 63)
      #expect(set.mayMeet(words) == expected.contains { $0 % 256 == number % 256 }, "seed \(seed)")
    }
  }

  @Test func aNameSetIsASet() {
    let names = (0..<1_000).map { "N\($0 * 7 % 900)" }
    let set = NameSet(names.map { $0[...] })
    #expect(set.count == Set(names).count)
    for number in 0..<2_000 { #expect(set.contains("N\(number)") == names.contains("N\(number)")) }
    #expect(!NameSet().contains("N1") && !set.contains(""))
  }

  /// Two thousand known names, of which one look judges an eighth of a look's worth: a prefix is judged in several calls, exactly.
  @Test func prefixesAreJudgedALittleAtATime() throws {
    let table = NameTable(capacity: 10_000)
    for number in 0..<2_000 { _ = table.number(adding: "S\(number)") }
    let budget = ByteBudget(limit: 1 << 20)
    let filter = try NameFilter(["S1*", "S77", "S199*"], in: table, holder: BudgetHolder(of: budget)) {}
    var calls = 0
    var wanted = NumberSet()
    while wanted.judged < 2_000, calls < 1_000 {
      var looks = 400
      wanted = filter.judge(1_999, looks: &looks)
      #expect(looks > -NameFilter.looksPerName)
      calls += 1
    }
    #expect(calls == 40)
    for number in UInt32(0)..<2_000 {
      #expect(wanted.contains(number) == ("S\(number)".hasPrefix("S1") || number == 77))
    }
  }
}
