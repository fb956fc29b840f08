import MarketData
import Testing

@testable import Detection

/// The print filter by hand-worked series.
@Suite struct PrintFilterTests {
  private static let second: Int64 = 1_000_000_000
  private typealias Feed = TickFeed

  /// Between good prices each bad one begins a run where confirm_time is 0: an event each, without a bound.
  @Test func aBadFeedMakesTenQuarantinesASecondAndTheNextTellsTheRest() {
    var feed = Feed { $0.printFilter.confirmTimeNanos = 0 }
    feed.tick(0, 100)
    for index in 0..<1_000 {
      #expect(feed.tick(1 + Double(index) / 1_000, 101) == .quarantined)
      #expect(feed.tick(1 + (Double(index) + 0.5) / 1_000, 100) == [])
    }
    #expect(feed.types == Array(repeating: .quarantine, count: 10))
    for index in 0..<20 {
      feed.tick(2 + Double(index) / 100, 101)
      feed.tick(2 + (Double(index) + 0.5) / 100, 100)
    }
    feed.tick(10, 101)
    let suppressed = feed.events.map { event -> UInt64? in
      if case .quarantine(let detail) = event.detail { detail.suppressed } else { nil }
    }
    // 990 of the first second stand in the first event of the next, ten of that one in the next after it.
    #expect(suppressed == Array(repeating: 0, count: 10) + [990] + Array(repeating: 0, count: 9) + [10])
  }

  /// The bound is a symbol's own, and goes along when the symbol moves.
  @Test func theBoundIsASymbolsOwn() {
    var share = QuarantineShare()
    let time = UnixNanos(1_700_000_000_500_000_000)
    for _ in 0..<10 { #expect(share.take(at: time) == 0) }
    #expect(share.take(at: time) == nil)
    #expect(share.take(at: UnixNanos(time.nanoseconds + 499_999_999)) == nil)
    var moved = share
    #expect(moved.take(at: UnixNanos(time.nanoseconds + 500_000_000)) == 2)
    #expect(moved.take(at: UnixNanos(time.nanoseconds + 500_000_000)) == 0)
    var other = QuarantineShare()
    #expect(other.take(at: time) == 0)
  }

  /// The limit is 0.5 % in the first minute; the fifth print at one new price is believed.
  @Test func theFifthPrintOfARunIsBelieved() {
    var feed = Feed()
    feed.tick(0, 100)
    let outcomes = (1...5).map { feed.tick(Double($0), 101) }
    #expect(outcomes == [.quarantined, .quarantined, .quarantined, .quarantined, []])
    #expect(feed.types.prefix(2) == [.quarantine, .quarantine])
    #expect(feed.events.prefix(2).map(\.direction) == [.flat, .up])
    guard case .quarantine(let detail) = feed.events[1].detail else { return #expect(Bool(false)) }
    #expect(detail.confirmed)
    #expect(detail.run == 5)
    #expect(detail.lastGood == 100)
    #expect(detail.limitPct == 0.5)
    // |101/100 − 1| = 1 %, of 4 · 0.5 %: 50.
    #expect((feed.events[1].significance - 50).magnitude < 1e-9)
    #expect(feed.engine.snapshot(of: SymbolID(0))?.lastPrice == 101)
  }

  private func quarantines(_ feed: Feed) -> [QuarantineDetail] {
    feed.events.compactMap { if case .quarantine(let detail) = $0.detail { detail } else { nil } }
  }

  /// 102 is not like 101, 0.99 % away, but of the same run; a good price between ends that only after 30 s.
  @Test func aRunGoesOnOverOtherPricesAndShortReturns() {
    var feed = Feed()
    feed.tick(0, 100)
    feed.tick(1, 101)
    feed.tick(2, 102)
    #expect(feed.engine.snapshot(of: SymbolID(0))?.candidateAlike == 1)
    feed.tick(3, 100)
    feed.tick(4, 102)
    #expect(feed.engine.snapshot(of: SymbolID(0))?.candidateAlike == 2)
    #expect(feed.types == [.quarantine])
    feed.tick(5, 100)
    feed.tick(34, 102.1)
    #expect(feed.types == [.quarantine])
    #expect(feed.engine.snapshot(of: SymbolID(0))?.candidateAlike == 3)
    feed.tick(35, 100)
    feed.tick(64.5, 102)
    #expect(quarantines(feed).map(\.run) == [1, 1])
    let state = feed.engine.snapshot(of: SymbolID(0))
    #expect(state?.candidate == 102 && state?.candidateAlike == 1 && state?.lastPrice == 100)
  }

  /// A market in two minds: five prints near 101 are believed, though those at 100 go on in between.
  @Test func goodPricesLeaveTheCandidate() {
    var feed = Feed()
    feed.tick(0, 100)
    for at in 0..<4 {
      #expect(feed.tick(1 + Double(at) * 2, 101) == .quarantined)
      #expect(feed.tick(2 + Double(at) * 2, 100) == [])
    }
    #expect(feed.tick(9, 101) == [])
    #expect(quarantines(feed).map(\.confirmed) == [false, true])
    #expect(quarantines(feed).map(\.run) == [1, 5])
    let state = feed.engine.snapshot(of: SymbolID(0))
    #expect(state?.candidate == 0 && state?.candidateAlike == 0 && state?.lastPrice == 101)
  }

  /// No two of them are alike, but no good one has come for 30 s: the fifth that lies so late is believed.
  @Test func wildPricesAreBelievedWhenNoOtherComes() {
    var feed = Feed()
    feed.tick(0, 100)
    for (at, price) in [(1.0, 102.0), (2, 104), (3, 106), (4, 108), (30.9, 110)] {
      #expect(feed.tick(at, price) == .quarantined)
    }
    #expect(feed.tick(31, 112) == [])
    #expect(quarantines(feed).map(\.run) == [1, 6])
    // A good price between begins the count anew.
    var other = Feed()
    other.tick(0, 100)
    for (at, price) in [(1.0, 102.0), (2, 104), (3, 106)] { other.tick(at, price) }
    other.tick(4, 100)
    for (at, price) in [(5.0, 108.0), (6, 110), (34.9, 112), (34.9, 114), (34.9, 116)] {
      #expect(other.tick(at, price) == .quarantined)
    }
    #expect(other.tick(35, 118) == [])
  }

  // MARK: - What the filter learns

  private func learned(_ feed: Feed) -> Double { feed.engine.snapshot(of: SymbolID(0))?.learnedPct ?? -1 }

  /// 1 % is believed and learned: the limit is 2 · 1 % · e^(−t/600 s), at t = 60 s 1.8097 %.
  @Test func aConfirmedMoveWidensTheLimit() {
    var feed = Feed()
    feed.tick(0, 100)
    for _ in 0..<5 { feed.tick(10, 101) }
    #expect((learned(feed) - 1).magnitude < 1e-9)
    for _ in 0..<2 {
      // Smaller moves than 0.25 % touch nothing.
      feed.tick(69, 101.2)
      feed.tick(69.5, 101)
    }
    #expect(feed.tick(70, 101 * 1.0181) == .quarantined)
    #expect(feed.tick(70, 101 * 1.01809) == [])
    #expect((learned(feed) - 0.904_837_418).magnitude < 1e-6)
    // That move waits; the next good price stays near it: it is learned, at the time of that.
    feed.tick(80, 101 * 1.018)
    #expect((learned(feed) - 1.809).magnitude < 1e-6)
  }

  /// 0.4 % up and back: neither way is learned. 0.4 % up, and on: the first is, and then the second waits.
  @Test func aMoveThatIsTakenBackTeachesNothing() {
    var feed = Feed()
    feed.tick(0, 100)
    feed.tick(1, 100.4)
    feed.tick(2, 100)
    feed.tick(3, 100)
    #expect(learned(feed) == 0)
    #expect(feed.tick(4, 100.6) == .quarantined)
    feed.tick(5, 100.4)
    feed.tick(6, 100.8)
    // 100.8 is nearer to 100.4 than to 100: 0.4 % are learned; the way from 100.4 to 100.8 waits.
    #expect((learned(feed) - 0.4).magnitude < 1e-9)
    // Back at 100.4: undone, and this way is not learned either.
    feed.tick(7, 100.4)
    feed.tick(8, 100.4)
    #expect((learned(feed) - 0.4 * 0.996_672_215).magnitude < 1e-6)
  }

  /// What is learned widens the limit to learned_max_pct at most.
  @Test func theLearnedLimitHasABound() {
    var feed = Feed { $0.printFilter.learnedMaxPct = 3 }
    feed.tick(0, 100)
    for _ in 0..<5 { feed.tick(1, 110) }
    #expect(feed.tick(1, 110 * 1.0301) == .quarantined)
    #expect(feed.tick(1, 110 * 1.03) == [])
  }

  // MARK: - A session's first price

  /// 40 % over night pass, once a session, and are not learned; 51 % do not, and the price after them has no such limit.
  @Test func theOpenMayJump() {
    var feed = Feed()
    feed.tick(0, 100)
    #expect(feed.tick(86_400, 140) == [])
    #expect(learned(feed) == 0)
    // No minute later: the limit is 0.5 %.
    #expect(feed.tick(86_401, 141) == .quarantined)
    #expect(feed.tick(2 * 86_400, 140 * 1.51) == .quarantined)
    // A day lies between: 20 · 0.5 %.
    #expect(feed.tick(2 * 86_400 + 1, 140 * 1.2) == .quarantined)
    #expect(feed.tick(2 * 86_400 + 2, 140 * 1.1) == [])
  }

  /// The move of the session before, which waits, is dropped by the open.
  @Test func theOpenDropsWhatWaits() {
    var feed = Feed()
    feed.tick(86_390, 100)
    feed.tick(86_391, 100.4)
    feed.tick(86_401, 100.4)
    feed.tick(86_402, 100.4)
    #expect(learned(feed) == 0)
  }

  /// CLOSED is no session: its first price has the usual limit, and the open after it the wide one.
  @Test func closedHasNoOpen() {
    var feed = Feed(.usEquities)
    feed.tick(22 * 3_600, 100)
    // 20:01 in New York, after an hour's limit of 0.5 % · √181.
    #expect(feed.tick(25 * 3_600 + 60, 110) == [.quarantined, .outOfSession])
    #expect(feed.tick(33 * 3_600, 120) == [])
  }

  /// After nine minutes the limit is 0.5 % · √9 = 1.5 %; after ten hours it is 0.5 % · 20 = 10 %, its most.
  @Test func theLimitGrowsWithTheRootOfTime() {
    var feed = Feed()
    feed.tick(0, 100)
    #expect(feed.tick(540, 101.5) == [])
    #expect(feed.tick(540 + 36_000, 101.5 * 1.101) == .quarantined)
    #expect(feed.tick(540 + 36_001, 101.5 * 1.1) == [])
  }

  /// 0.05 at prices from 1 on: 4.05 is 1.25 % above 4.00 and passes; 4.11 does not, and no move has been learned yet.
  @Test func smallJumpsAlwaysPass() {
    var feed = Feed()
    feed.tick(0, 4)
    #expect(feed.tick(1, 4.05) == [])
    #expect(feed.tick(2, 4.11) == .quarantined)
  }

  /// Below 1 it is 3 % of the price, 0.01 at most: 0.01 at 0.9, 0.003 at 0.1.
  @Test(arguments: [(0.9, 0.91, 0.9101), (0.5, 0.51, 0.5101), (0.1, 0.103, 0.1031), (0.001, 0.001_03, 0.001_031)])
  func belowOneTheFloorIsAPartOfThePrice(from price: Double, passes: Double, not: Double) {
    var feed = Feed()
    feed.tick(0, price)
    #expect(feed.tick(1, not) == .quarantined)
    #expect(feed.tick(2, passes) == [])
  }
}
