import Events
import LockFree
import MarketData
import Synchronization
import TestKit
import Testing

/// The log, the sequencer and subscriptions together, stepped by hand.
@Suite struct SubscriptionTests {
  /// Writes the sequence and the symbol: enough to tell events apart.
  private struct PlainEncoder: EventEncoder {
    func encode(_ event: MarketEvent, sequence: UInt64, sequencedTime: UnixNanos, into bytes: inout [UInt8]) {
      bytes.append(UInt8(event.symbol.index))
      withUnsafeBytes(of: sequence.littleEndian) { bytes.append(contentsOf: $0) }
    }
  }

  private final class Rig {
    let clock = ManualClock()
    let log: MemoryEventLog
    let symbols = SymbolTable(capacity: 100)
    let sequencer: Sequencer<PlainEncoder>
    let markers = Told<[Marker]>([])
    let wakes = Told(0)
    let passed = Told<Int64>(0)

    init(keepEvents: Int = 10_000, keepBytes: Int = 512 << 20) {
      for name in ["AA", "AB", "BA", "BB"] { _ = symbols.id(adding: name) }
      log = MemoryEventLog(keepEvents: keepEvents, keepBytes: keepBytes, id: "log")
      let (markers, wakes, passed) = (markers, wakes, passed)
      sequencer = Sequencer(
        log: log, queue: ManyToOneQueue(capacity: 1_024), encoder: PlainEncoder(), clock: clock,
        passed: { UnixNanos(passed.value) }, markersOut: { out in markers.change { $0 += out } },
        wake: { wakes.change { $0 += 1 } })
    }

    func event(_ symbol: UInt32, _ type: EventType = .high, significance: Double = 50) -> MarketEvent {
      var detail = HighLowDetail()
      detail.count = 1
      return MarketEvent(
        type: type, direction: type == .low ? .down : .up, session: .regular, symbol: SymbolID(symbol), source: .tick,
        occurrence: 0, eventTime: UnixNanos(1), price: 1, size: 1, significance: significance, detail: .highLow(detail))
    }

    func add(_ events: [MarketEvent]) {
      for event in events {
        let taken = sequencer.queue.push(.event(event))
        #expect(taken)
        if sequencer.queue.ring.depth >= 1_000 { sequencer.step(upTo: 1_024) }
      }
      sequencer.step(upTo: 1_024)
    }

    func add(_ count: Int) { add((0..<count).map { event(UInt32($0 % 4)) }) }

    func subscribe(_ change: (inout SubscriptionRequest) -> Void = { _ in }) throws -> Subscription {
      var request = SubscriptionRequest()
      change(&request)
      let valid = try request.validated()
      let channels = SymbolTable(capacity: 2)
      for name in ["one", "two"] { _ = channels.id(adding: name) }
      return Subscription(
        valid, filter: SubscriptionFilter(request, symbols: symbols, channelNames: channels), log: log)
    }
  }

  private final class Told<Value: Sendable>: Sendable {
    private let guarded: Guarded<Value>
    init(_ value: Value) { guarded = Guarded(value) }
    var value: Value { guarded.withLock { $0 } }
    func change(_ body: (inout Value) -> Void) { guarded.withLock { body(&$0) } }
  }

  /// What a subscriber has been told, in short.
  private enum Step: Equatable {
    case events([UInt64])
    case missed(UInt64, UInt64, Subscription.MissedReason)
    case caughtUp(UInt64)
    case ended(Subscription.End)
  }

  /// Frames of eleven bytes: tag, length, symbol, sequence.
  private func sequences(_ bytes: [UInt8]) -> [UInt64] {
    stride(from: 0, to: bytes.count, by: 11).map { start in
      #expect(bytes[start] == 0x0A)
      #expect(bytes[start + 1] == 9)
      return (0..<8).reduce(0) { $0 | UInt64(bytes[start + 3 + $1]) << UInt64(8 * $1) }
    }
  }

  private func drain(_ subscription: inout Subscription) -> [Step] {
    var steps: [Step] = []
    while let output = subscription.next() {
      switch output {
      case .events(let bytes, let count, _):
        let found = sequences(bytes)
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
    let rig = Rig()
    rig.add(3)
    var subscription = try rig.subscribe()
    #expect(drain(&subscription) == [.caughtUp(3)])
    rig.add(2)
    #expect(drain(&subscription) == [.events([4, 5])])
    #expect(subscription.sentUpTo == 5)
  }

  @Test func fromASequenceThePastComesFirst() throws {
    let rig = Rig()
    rig.add(5)
    var subscription = try rig.subscribe { $0.start = .sequence(3) }
    #expect(drain(&subscription) == [.events([3, 4, 5]), .caughtUp(5)])
    var next = try rig.subscribe { $0.start = .sequence(6) }
    #expect(drain(&next) == [.caughtUp(5)])
  }

  @Test func eventsThatCameDuringThePastFollowCaughtUp() throws {
    let rig = Rig()
    rig.add(3)
    var subscription = try rig.subscribe { $0.start = .sequence(1) }
    rig.add(2)
    #expect(drain(&subscription) == [.events([1, 2, 3]), .caughtUp(3), .events([4, 5])])
  }

  @Test func aCursorBeyondTheEndIsAnotherLogs() throws {
    let rig = Rig()
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
    let rig = Rig(keepEvents: 100)
    rig.add(1_000)
    var subscription = try rig.subscribe { $0.start = .sequence(10) }
    #expect(rig.log.firstSequence == 901)
    #expect(drain(&subscription) == [.missed(10, 900, .noLongerKept), .events(Array(901...1_000)), .caughtUp(1_000)])
  }

  /// The smallest that the configuration takes: who keeps up misses nothing, and there is a past to read.
  @Test func aLogOfAMebibyteKeepsWhatItsReadersNeed() throws {
    let rig = Rig(keepEvents: 1_000_000, keepBytes: 1 << 20)
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
    let rig = Rig()
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
    let rig = Rig()
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
    let rig = Rig()
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
    let rig = Rig()
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
    let rig = Rig()
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
    let rig = Rig()
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
    let rig = Rig(keepEvents: 100)
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
    let rig = Rig()
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
    let rig = Rig()
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
    let rig = Rig(keepEvents: 100)
    var subscription = try rig.subscribe()
    _ = drain(&subscription)
    rig.add(1_000)
    #expect(drain(&subscription) == [.missed(1, 900, .slowConsumer), .events(Array(901...1_000))])
  }

  @Test func whatRetentionTakesFromAConflatingSubscriberIsTold() throws {
    let rig = Rig(keepEvents: 100)
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
    let rig = Rig(keepEvents: 100)
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
    let rig = Rig()
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

  @Test func aFilterThatMatchesNothingLooksAtSoMuchAtOnce() throws {
    let rig = Rig(keepEvents: 100_000)
    for _ in 0..<70 { rig.add(1_000) }
    var subscription = try rig.subscribe {
      $0.start = .sequence(1)
      $0.symbols = ["ZZ"]
    }
    #expect(subscription.next() == nil && subscription.hasMoreToLookAt)
    #expect(subscription.next() == .caughtUp(last: 70_000))
    #expect(subscription.next() == nil && !subscription.hasMoreToLookAt)
  }

  /// Seeded subscribers that read at random moments: with DROP_OLDEST, events and missed ranges tile the matching log exactly; with CONFLATE,
  /// what is left out lies in a missed range and the newest of each key is delivered.
  @Test(arguments: 1...60)
  func nothingIsEverMissedInSilence(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let rig = Rig()
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
      if Bool.random(using: &random) {
        subscription.fallBehind()
        continue
      }
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        switch subscription.next() {
        case .events(let bytes, _, _): delivered += sequences(bytes)
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

  // MARK: - The sequencer

  @Test func markersComeOutAfterTheEventsBeforeThemAreVisible() {
    let rig = Rig()
    let taken = rig.sequencer.queue.push(.event(rig.event(0)))
    #expect(taken)
    let marked = rig.sequencer.queue.push(.marker(Marker(slot: StreamSlot(3), read: 9)))
    #expect(marked)
    #expect(rig.markers.value.isEmpty)
    rig.sequencer.step(upTo: 10)
    #expect(rig.log.lastSequence == 1)
    #expect(rig.markers.value == [Marker(slot: StreamSlot(3), read: 9)])
    #expect(rig.wakes.value == 1)
  }

  @Test func sequencedTimesNeverFallAndFollowDetection() {
    let rig = Rig()
    var late = rig.event(0)
    late.detectedTime = UnixNanos(rig.clock.unixNow.nanoseconds + 500)
    rig.add([late])
    rig.add([rig.event(1)])
    let segment = rig.log.segment(holding: 1)
    #expect(segment?[0].sequencedTime == late.detectedTime)
    #expect(segment?[1].sequencedTime == late.detectedTime)
  }

  @Test func theWatermarkRisesOnlyOverWhatIsInTheLog() {
    let rig = Rig()
    #expect(rig.sequencer.watermark == UnixNanos(0))
    for _ in 0..<3 { _ = rig.sequencer.queue.push(.event(rig.event(0))) }
    rig.passed.change { $0 = 77 }
    rig.sequencer.step(upTo: 2)
    #expect(rig.sequencer.watermark == UnixNanos(0))
    rig.sequencer.step(upTo: 2)
    #expect(rig.sequencer.watermark == UnixNanos(77))
    rig.passed.change { $0 = 50 }
    rig.sequencer.step(upTo: 2)
    #expect(rig.sequencer.watermark == UnixNanos(77))
  }

  /// One writer thread and readers that drain while it writes and retention takes the oldest away.
  @Test func readersSeeWholeEventsWhileTheLogMovesOn() throws {
    let rig = Rig(keepEvents: 64)
    let sequencer = rig.sequencer
    let events = (0..<4).map { rig.event(UInt32($0)) }
    // Before anything is sequenced: without a start it hears what comes from here on.
    var subscription = try rig.subscribe()
    let thread = NamedThread("sequencer") { sequencer.run() }
    let producer = NamedThread("producer") {
      for index in 0..<5_000 { sequencer.queue.pushWaiting(contentsOf: [SequencerInput.event(events[index % 4])].span) }
      sequencer.queue.close()
    }
    var last: UInt64 = 0
    while last < 5_000 {
      switch subscription.next() {
      case .events(let bytes, _, _):
        for sequence in sequences(bytes) {
          #expect(sequence == last + 1)
          last = sequence
        }
      case .missed(let first, let until, _):
        #expect(first == last + 1)
        last = until
      default: break
      }
    }
    producer.join()
    thread.join()
    #expect(rig.log.lastSequence == 5_000)
  }
}
