import Events
import MarketData
import TestKit
import Testing

/// However much lies in the log, one call looks at a bounded part of it, and what holds nothing wanted is passed over.
@Suite struct BoundedLooksTests {
  /// Events of AA, AB and BA in turn; BB's only one is the `rare`-th.
  private func rig(_ count: Int, rare: Int) -> EventRig {
    let rig = EventRig(keepEvents: 1_000_000)
    for start in stride(from: 0, to: count, by: 1_000) {
      rig.add((start..<start + 1_000).map { rig.event($0 == rare ? 3 : UInt32($0 % 3)) })
    }
    return rig
  }

  /// Reads to the end, so many looks a call.
  /// - Returns: what came, and how many looks it took in all.
  private func read(_ subscription: inout Subscription, _ reader: LogReader, looks: Int) -> (
    outputs: [Subscription.Output], looks: Int
  ) {
    var outputs: [Subscription.Output] = []
    var sum = 0
    while true {
      var left = looks
      let output = subscription.next(reader, looks: &left)
      // A segment's summary, or a name, is looked at whole.
      #expect(looks - left <= looks + 40)
      sum += looks - left
      if let output { outputs.append(output) } else if !subscription.hasMoreToLookAt { return (outputs, sum) }
    }
  }

  @Test func aRareSymbolIsFoundWithoutLookingAtAllOthers() throws {
    let rig = rig(60_000, rare: 23_456)
    var subscription = try rig.subscribe {
      $0.start = .sequence(1)
      $0.symbols = ["BB"]
    }
    let (outputs, looks) = read(&subscription, LogReader(rig.log), looks: 5_000)
    guard case .events(let bytes, 1, _)? = outputs.first else { return #expect(Bool(false), "\(outputs)") }
    #expect(PlainEncoder.sequences(bytes) == [23_457])
    #expect(outputs.last == .caughtUp(last: 60_000))
    // Its own segment and the newest, which is still written to, and a summary for each of the others.
    #expect(looks < 2 * 4_096 + 20 * 40, "\(looks) looks")
  }

  @Test(
    arguments: [
      { $0.types = [11] }, { $0.directions = [3] }, { $0.sessions = [1] }, { $0.minSignificance = 60 },
      { $0.channels = ["two"] }, { $0.symbols = ["ZZ"] }, { $0.symbols = ["Z*", "Y"] },
    ] as [@Sendable (inout SubscriptionRequest) -> Void])
  func whatNoSegmentHoldsIsPassedOver(narrow: @Sendable (inout SubscriptionRequest) -> Void) throws {
    let rig = rig(60_000, rare: 0)
    var subscription = try rig.subscribe {
      $0.start = .sequence(1)
      narrow(&$0)
    }
    let (outputs, looks) = read(&subscription, LogReader(rig.log), looks: 5_000)
    #expect(outputs == [.caughtUp(last: 60_000)])
    #expect(looks < 4_096 + 20 * 40 + 100, "\(looks) looks")
  }

  @Test func aFilterThatMatchesEverywhereLooksAtSoMuchAtOnce() throws {
    let rig = rig(20_000, rare: 0)
    var subscription = try rig.subscribe {
      $0.start = .sequence(1)
      $0.symbols = ["A*"]
    }
    let reader = LogReader(rig.log)
    var looks = 300
    guard case .events(_, let count, _)? = subscription.next(reader, looks: &looks) else {
      return #expect(Bool(false))
    }
    #expect(count < 300 && looks > -40)
  }

  /// 50,000 events come while it reads nothing: no call looks at more than it may, and the end is the same as of one that may look at all.
  @Test(arguments: [1, 2, 3] as [Int32])
  func fallingBehindIsDoneInBoundedSteps(policy: Int32) throws {
    let rig = EventRig(keepEvents: 100_000)
    func subscribe() throws -> Subscription {
      var subscription = try rig.subscribe {
        $0.maxQueue = 20_000
        $0.slowConsumer = policy
      }
      #expect(subscription.next() == .caughtUp(last: 0))
      return subscription
    }
    var bounded = try subscribe()
    var free = try subscribe()
    for start in stride(from: 0, to: 50_000, by: 1_000) {
      rig.add((start..<start + 1_000).map { rig.event(UInt32($0 % 4)) })
    }
    free.fallBehind()
    let reader = LogReader(rig.log)
    var steps = 0
    repeat {
      var looks = 500
      bounded.fallBehind(reader, looks: &looks)
      guard looks > -40 else { return #expect(Bool(false), "one step took \(500 - looks) looks") }
      steps += 1
    } while bounded.hasMoreToLookAt && steps < 1_000
    #expect(steps >= 40 && steps < 1_000)
    while true {
      let expected = free.next()
      guard bounded.next() == expected else { return #expect(Bool(false), "they tell different things") }
      if expected == nil { break }
    }
  }

  /// The window opens in the midst of the first look for what to conflate: the newest of each comes, in order, and what is left out is told.
  @Test func whoReadsAgainAmidstConflatingMissesNothingInSilence() throws {
    let rig = EventRig(keepEvents: 100_000)
    var subscription = try rig.subscribe {
      $0.maxQueue = 100
      $0.slowConsumer = 3
    }
    #expect(subscription.next() == .caughtUp(last: 0))
    for start in stride(from: 0, to: 10_000, by: 1_000) {
      rig.add((start..<start + 1_000).map { rig.event(UInt32($0 % 4)) })
    }
    var looks = 1_000
    subscription.fallBehind(LogReader(rig.log), looks: &looks)
    #expect(subscription.hasMoreToLookAt)
    var told: [UInt64] = []
    var missed: [ClosedRange<UInt64>] = []
    while let output = subscription.next() {
      if case .events(let bytes, _, _) = output { told += PlainEncoder.sequences(bytes) }
      if case .missed(let first, let last, _) = output { missed.append(first...last) }
    }
    #expect(told == told.sorted() && Set(told).count == told.count && Set(told).isSuperset(of: 9_997...10_000))
    let sent = Set(told)
    #expect((1...10_000).allSatisfy { number in sent.contains(number) || missed.contains { $0.contains(number) } })
    #expect(!missed.isEmpty)
  }
}
