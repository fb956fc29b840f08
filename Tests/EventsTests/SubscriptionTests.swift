import Events
import MarketData
import TestKit
import Testing

/// The log, the sequencer and subscriptions together, stepped by hand.
@Suite struct SubscriptionTests {
  /// What a subscriber has been told, in short.
  private enum Step: Equatable {
    case events([UInt64])
    case missed(UInt64, UInt64, Subscription.MissedReason)
    case caughtUp(UInt64)
    case ended(Subscription.End)
  }

  private func drain(_ subscription: inout Subscription) -> [Step] {
    var steps: [Step] = []
    while let output = subscription.next() {
      switch output {
      case .events(let bytes, let count, _):
        let found = PlainEncoder.sequences(bytes)
        #expect(found.count == count)
        #expect(count <= 512)
        if case .events(let before)? = steps.last {
          steps[steps.count - 1] = .events(before + found)
        } else {
          steps.append(.events(found))
        }
      case .missed(let first, let last, let reason): steps.append(.missed(first, last, reason))
      case .caughtUp(let last): steps.append(.caughtUp(last))
      case .ended(let end): steps.append(.ended(end))
      }
    }
    return steps
  }

  // MARK: - Starts

  @Test func withoutAStartItIsCaughtUpAtOnceAndHearsWhatFollows() throws {
    let rig = EventRig()
    rig.add(3)
    var subscription = try rig.subscribe()
    #expect(drain(&subscription) == [.caughtUp(3)])
    rig.add(2)
    #expect(drain(&subscription) == [.events([4, 5])])
    #expect(subscription.sentUpTo == 5)
  }

  @Test func fromASequenceThePastComesFirst() throws {
    let rig = EventRig()
    rig.add(5)
    var subscription = try rig.subscribe { $0.start = .sequence(3) }
    #expect(drain(&subscription) == [.events([3, 4, 5]), .caughtUp(5)])
    var next = try rig.subscribe { $0.start = .sequence(6) }
    #expect(drain(&next) == [.caughtUp(5)])
  }

  @Test func eventsThatCameDuringThePastFollowCaughtUp() throws {
    let rig = EventRig()
    rig.add(3)
    var subscription = try rig.subscribe { $0.start = .sequence(1) }
    rig.add(2)
    #expect(drain(&subscription) == [.events([1, 2, 3]), .caughtUp(3), .events([4, 5])])
  }

  @Test func aCursorBeyondTheEndIsAnotherLogs() throws {
    let rig = EventRig()
    rig.add(5)
    var subscription = try rig.subscribe { $0.start = .sequence(7) }
    #expect(subscription.beginsWithLogReplaced)
    #expect(drain(&subscription) == [.missed(7, 5, .logReplaced), .events([1, 2, 3, 4, 5]), .caughtUp(5)])
    var other = try rig.subscribe {
      $0.start = .sequence(2)
      $0.logID = "other"
    }
    #expect(drain(&other).first == .missed(2, 5, .logReplaced))
    var same = try rig.subscribe {
      $0.start = .sequence(5)
      $0.logID = "log"
    }
    #expect(drain(&same) == [.events([5]), .caughtUp(5)])
  }

  @Test func whatIsNoLongerKeptIsTold() throws {
    let rig = EventRig(keepEvents: 100)
    rig.add(1_000)
    var subscription = try rig.subscribe { $0.start = .sequence(10) }
    #expect(rig.log.firstSequence == 901)
    #expect(drain(&subscription) == [.missed(10, 900, .noLongerKept), .events(Array(901...1_000)), .caughtUp(1_000)])
  }

  /// The smallest that the configuration takes: who keeps up misses nothing, and there is a past to read.
  @Test func aLogOfAMebibyteKeepsWhatItsReadersNeed() throws {
    let rig = EventRig(keepEvents: 1_000_000, keepBytes: 1 << 20)
    var reader = try rig.subscribe()
    #expect(drain(&reader) == [.caughtUp(0)])
    for step in 0..<200 {
      rig.add(100)
      let first = UInt64(step * 100 + 1)
      let heard = drain(&reader)
      guard heard == [.events(Array(first..<first + 100))] else {
        return #expect(Bool(false), "step \(step) told \(heard)")
      }
    }
    let kept = rig.log.lastSequence + 1 - rig.log.firstSequence
    #expect((2_000...2_800).contains(kept), "\(kept) of 2,730 events of 384 bytes are kept")
  }

  @Test func fromATimeMeansTheFirstNotSequencedBefore() throws {
    let rig = EventRig()
    rig.add(2)
    rig.clock.step(by: 1_000)
    let time = rig.clock.unixNow
    rig.add(2)
    var subscription = try rig.subscribe { $0.start = .time(time) }
    #expect(drain(&subscription) == [.events([3, 4]), .caughtUp(4)])
    var later = try rig.subscribe { $0.start = .time(UnixNanos(time.nanoseconds + 1)) }
    #expect(drain(&later) == [.caughtUp(4)])
  }

  @Test func aQueryEndsAfterCaughtUp() throws {
    let rig = EventRig()
    rig.add(2)
    var subscription = try rig.subscribe {
      $0.start = .sequence(1)
      $0.endWhenCaughtUp = true
    }
    #expect(drain(&subscription) == [.events([1, 2]), .caughtUp(2), .ended(.caughtUp)])
    #expect(drain(&subscription) == [])
  }

  // MARK: - Filters

  @Test func everyFilterNarrows() throws {
    let rig = EventRig()
    rig.add([
      rig.event(0), rig.event(1, .low), rig.event(2, significance: 10), rig.event(3),
      rig.event(0, .low, significance: 90),
    ])
    func found(_ change: (inout SubscriptionRequest) -> Void) throws -> [UInt64] {
      var subscription = try rig.subscribe {
        $0.start = .sequence(1)
        change(&$0)
      }
      if case .events(let sequences)? = drain(&subscription).first { return sequences }
      return []
    }
    #expect(try found { $0.symbols = ["AA"] } == [1, 5])
    #expect(try found { $0.symbols = ["A*"] } == [1, 2, 5])
    #expect(try found { $0.symbols = ["*"] } == [1, 2, 3, 4, 5])
    #expect(try found { $0.symbols = ["BB", "AB"] } == [2, 4])
    #expect(try found { $0.types = [2] } == [2, 5])
    #expect(try found { $0.directions = [1] } == [1, 3, 4])
    #expect(try found { $0.sessions = [1] } == [])
    #expect(try found { $0.sessions = [2, 1] } == [1, 2, 3, 4, 5])
    #expect(try found { $0.minSignificance = 50 } == [1, 2, 4, 5])
    #expect(try found { $0.channels = ["one"] } == [1, 2, 3, 4, 5])
    #expect(try found { $0.channels = ["two"] } == [])
    #expect(try found { $0.channels = ["nobody"] } == [])
  }

  // MARK: - Slowness

  @Test func aSlowSubscriberIsDisconnectedBeyondItsQueue() throws {
    let rig = EventRig()
    var subscription = try rig.subscribe { $0.maxQueue = 10 }
    _ = drain(&subscription)
    rig.add(4)
    #expect(drain(&subscription) == [.events([1, 2, 3, 4])])
    rig.add(10)
    subscription.fallBehind()
    #expect(!subscription.isTooSlow)
    rig.add(1)
    subscription.fallBehind()
    #expect(subscription.isTooSlow)
    #expect(drain(&subscription) == [.ended(.tooSlow(lastSent: 4))])
  }

  @Test func readingThePastIsNeverSlow() throws {
    let rig = EventRig()
    rig.add(1_000)
    var subscription = try rig.subscribe {
      $0.maxQueue = 1
      $0.start = .sequence(1)
    }
    subscription.fallBehind()
    #expect(!subscription.isTooSlow)
    #expect(drain(&subscription) == [.events(Array(1...1_000)), .caughtUp(1_000)])
  }

  /// More came while it read the past than ever fits its queue: it was never up to date, so it is not slow, whatever its policy.
  @Test(arguments: [1, 2, 3] as [Int32])
  func whoWasNeverUpToDateIsNotSlow(policy: Int32) throws {
    let rig = EventRig()
    rig.add(100)
    var subscription = try rig.subscribe {
      $0.start = .sequence(1)
      $0.slowConsumer = policy
      $0.maxQueue = 5
    }
    rig.add(100)
    subscription.fallBehind()
    // Reads the past to its end, and a little more.
    #expect(subscription.next() != nil)
    #expect(subscription.next() == .caughtUp(last: 100))
    rig.add(100)
    subscription.fallBehind()
    #expect(drain(&subscription) == [.events(Array(101...300))])
    // Now it is, and slow when it does not read.
    rig.add(6)
    subscription.fallBehind()
    #expect(drain(&subscription) != [.events(Array(301...306))])
  }

  @Test func whatRetentionTookIsToldToWhoAsksByTime() throws {
    let rig = EventRig(keepEvents: 100)
    let start = rig.clock.unixNow
    rig.add(300)
    rig.clock.step(by: 1_000_000_000)
    let later = rig.clock.unixNow
    rig.add(50)
    #expect(rig.log.firstSequence == 251)
    var early = try rig.subscribe { $0.start = .time(start) }
    #expect(early.sentUpTo == 0)
    #expect(drain(&early) == [.missed(1, 250, .noLongerKept), .events(Array(251...350)), .caughtUp(350)])
    // Nothing that is gone was not before it.
    var late = try rig.subscribe { $0.start = .time(later) }
    #expect(drain(&late) == [.events(Array(301...350)), .caughtUp(350)])
  }

  @Test func dropOldestLeavesOutTheOldestAndTellsWhich() throws {
    let rig = EventRig()
    var subscription = try rig.subscribe {
      $0.maxQueue = 4
      $0.slowConsumer = 2
    }
    _ = drain(&subscription)
    rig.add(10)
    subscription.fallBehind()
    #expect(subscription.sentUpTo == 0)
    #expect(drain(&subscription) == [.missed(1, 6, .slowConsumer), .events([7, 8, 9, 10])])
  }

  /// Symbols in turn: 20 events of four symbols; the newest of each is 17 to 20.
  @Test func conflateKeepsTheNewestOfEachSymbolAndType() throws {
    let rig = EventRig()
    var subscription = try rig.subscribe {
      $0.maxQueue = 3
      $0.slowConsumer = 3
    }
    _ = drain(&subscription)
    rig.add(20)
    subscription.fallBehind()
    #expect(drain(&subscription) == [.missed(1, 16, .slowConsumer), .events([17, 18, 19, 20])])
    rig.add(2)
    #expect(drain(&subscription) == [.events([21, 22])])
  }

  @Test func aLiveCursorOvertakenByRetentionIsTold() throws {
    let rig = EventRig(keepEvents: 100)
    var subscription = try rig.subscribe()
    _ = drain(&subscription)
    rig.add(1_000)
    #expect(drain(&subscription) == [.missed(1, 900, .slowConsumer), .events(Array(901...1_000))])
  }

  @Test func whatRetentionTakesFromAConflatingSubscriberIsTold() throws {
    let rig = EventRig(keepEvents: 100)
    var subscription = try rig.subscribe {
      $0.maxQueue = 3
      $0.slowConsumer = 3
    }
    _ = drain(&subscription)
    rig.add(10)
    subscription.fallBehind()
    rig.add(1_000)
    subscription.fallBehind()
    #expect(drain(&subscription) == [.missed(1, 1_006, .slowConsumer), .events([1_007, 1_008, 1_009, 1_010])])
    // Before it begins to conflate, too.
    rig.add(1_000)
    subscription.fallBehind()
    #expect(drain(&subscription) == [.missed(1_011, 2_006, .slowConsumer), .events([2_007, 2_008, 2_009, 2_010])])
  }

  @Test func whoReadsToTheEndIsNotSlowWhateverRetentionTook() throws {
    let rig = EventRig(keepEvents: 100)
    var subscription = try rig.subscribe { $0.maxQueue = 250 }
    _ = drain(&subscription)
    for round in UInt64(0)..<20 {
      rig.add(200)
      subscription.fallBehind()
      let first = round * 200 + 1
      #expect(
        drain(&subscription) == [
          .missed(first, first + 99, .slowConsumer), .events(Array(first + 100...first + 199)),
        ])
    }
  }

  @Test func fromATimeToComeNothingOlderIsSent() throws {
    let rig = EventRig()
    rig.add(3)
    let start = UnixNanos(rig.clock.unixNow.nanoseconds + 10)
    var subscription = try rig.subscribe { $0.start = .time(start) }
    #expect(drain(&subscription) == [.caughtUp(3)])
    rig.add(2)
    #expect(drain(&subscription) == [])
    rig.clock.step(by: 10)
    rig.add(2)
    #expect(drain(&subscription) == [.events([6, 7])])
  }

  /// Seeded subscribers that read at random moments: with DROP_OLDEST, events and missed ranges tile the matching log exactly; with CONFLATE,
  /// what is left out lies in a missed range and the newest of each key is delivered.
  @Test(arguments: 1...60)
  func nothingIsEverMissedInSilence(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let rig = EventRig()
    let conflates = seed % 2 == 0
    let wanted = seed % 3 == 0 ? "A*" : "*"
    var subscription = try rig.subscribe {
      $0.maxQueue = UInt32.random(in: 1...20, using: &random)
      $0.slowConsumer = conflates ? 3 : 2
      $0.symbols = [wanted]
    }
    _ = drain(&subscription)
    var matching: [UInt64] = []
    var newest: [UInt32: UInt64] = [:]
    var delivered: [UInt64] = []
    var missed: [ClosedRange<UInt64>] = []
    var sequence: UInt64 = 0
    let reader = LogReader(rig.log)
    for _ in 0..<60 {
      let events = (0..<Int.random(in: 0...30, using: &random)).map { _ in
        rig.event(UInt32.random(in: 0...3, using: &random))
      }
      rig.add(events)
      for event in events {
        sequence += 1
        guard wanted == "*" || event.symbol.index < 2 else { continue }
        matching.append(sequence)
        newest[event.symbol.index] = sequence
      }
      // Few looks at a time: a call may end anywhere.
      var looks = Int.random(in: 1...60, using: &random)
      if Bool.random(using: &random) {
        subscription.fallBehind(reader, looks: &looks)
        continue
      }
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        switch subscription.next(reader, looks: &looks) {
        case .events(let bytes, _, _): delivered += PlainEncoder.sequences(bytes)
        case .missed(let first, let last, _): missed.append(first...last)
        default: break
        }
      }
    }
    for step in drain(&subscription) {
      switch step {
      case .events(let found): delivered += found
      case .missed(let first, let last, _): missed.append(first...last)
      default: break
      }
    }
    #expect(delivered == delivered.sorted(), "seed \(seed)")
    #expect(Set(delivered).count == delivered.count, "seed \(seed)")
    let told = Set(delivered)
    for event in matching where !told.contains(event) {
      #expect(missed.contains { $0.contains(event) }, "seed \(seed): \(event) was missed in silence")
    }
    if conflates {
      for event in newest.values { #expect(told.contains(event), "seed \(seed)") }
    } else {
      for range in missed { #expect(!delivered.contains { range.contains($0) }, "seed \(seed)") }
    }
    #expect(subscription.sentUpTo == rig.log.lastSequence)
  }
}
