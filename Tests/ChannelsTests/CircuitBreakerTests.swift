import Channels
import MarketData
import Testing

private let second: Int64 = 1_000_000_000

/// A breaker with a clock: seconds in, transitions out.
private struct Drill {
  var breaker: CircuitBreaker
  var mayOpen = true

  init(_ change: (inout BreakerSettings) -> Void = { _ in }) {
    var settings = BreakerSettings()
    change(&settings)
    breaker = CircuitBreaker(settings, since: at(0))
  }

  @discardableResult
  mutating func batch(_ succeeded: Bool, _ time: Double, nanos: Int64 = 100, items: Int = 1) -> CircuitBreaker
    .Transition?
  {
    breaker.record(succeeded: succeeded, items: items, elapsedNanos: nanos, at: at(time), mayOpen: mayOpen)
  }

  mutating func look(_ time: Double) -> CircuitBreaker.Transition? { breaker.look(at: at(time)) }
}

private func at(_ seconds: Double) -> MonotonicNanos { MonotonicNanos(Int64(seconds * 1e9)) }

@Suite struct CircuitBreakerTests {
  // MARK: - Every pair of a state and an event

  enum Place: CaseIterable { case closed, nearlyOpen, open, openDue, halfOpen, nearlyClosed, halfOpenDue, forced }
  enum Event: CaseIterable { case success, failure, failureOfTheLast, look, trip, reset }

  private static let now = 1_000.0

  /// Five failures in a row open it for 5 s, five probes close it.
  private func drill(in place: Place) -> Drill {
    var drill = Drill()
    func open(_ time: Double) { for _ in 0..<5 { drill.batch(false, time) } }
    switch place {
    case .closed: break
    case .nearlyOpen: for _ in 0..<4 { drill.batch(false, Self.now - 1) }
    case .open: open(Self.now - 4.9)
    case .openDue: open(Self.now - 5)
    case .halfOpen, .nearlyClosed:
      open(Self.now - 10)
      #expect(drill.look(Self.now - 2) == .halfOpened)
      if place == .nearlyClosed { for _ in 0..<4 { drill.batch(true, Self.now - 1) } }
    case .halfOpenDue:
      open(Self.now - 10)
      #expect(drill.look(Self.now - 5) == .halfOpened)
    case .forced: drill.breaker.trip(at: at(Self.now - 100))
    }
    return drill
  }

  /// Where a pair is missing nothing happens.
  private static let table: [Place: [Event: CircuitBreaker.Transition]] = [
    .closed: [.trip: .opened(cause: .forced)],
    .nearlyOpen: [
      .failure: .opened(cause: .failuresInRow(5)), .failureOfTheLast: .wouldOpen(cause: .failuresInRow(5)),
      .trip: .opened(cause: .forced),
    ],
    .open: [.reset: .closed],
    .openDue: [
      .success: .halfOpened, .failure: .halfOpened, .failureOfTheLast: .halfOpened, .look: .halfOpened, .reset: .closed,
    ],
    .halfOpen: [
      .failure: .opened(cause: .probeFailed), .failureOfTheLast: .wouldOpen(cause: .probeFailed),
      .trip: .opened(cause: .forced), .reset: .closed,
    ],
    .nearlyClosed: [
      .success: .closed, .failure: .opened(cause: .probeFailed), .failureOfTheLast: .wouldOpen(cause: .probeFailed),
      .trip: .opened(cause: .forced), .reset: .closed,
    ],
    .halfOpenDue: [
      .success: .closed, .failure: .opened(cause: .probeFailed), .failureOfTheLast: .wouldOpen(cause: .probeFailed),
      .look: .closed, .trip: .opened(cause: .forced), .reset: .closed,
    ],
    .forced: [.reset: .closed],
  ]

  @Test(arguments: Place.allCases, Event.allCases)
  func everyEventInEveryState(place: Place, event: Event) {
    var drill = drill(in: place)
    let before = drill.breaker
    let transition: CircuitBreaker.Transition?
    switch event {
    case .success: transition = drill.batch(true, Self.now)
    case .failure: transition = drill.batch(false, Self.now)
    case .failureOfTheLast:
      drill.mayOpen = false
      transition = drill.batch(false, Self.now)
    case .look: transition = drill.look(Self.now)
    case .trip: transition = drill.breaker.trip(at: at(Self.now))
    case .reset: transition = drill.breaker.reset(at: at(Self.now))
    }
    let breaker = drill.breaker
    #expect(transition == Self.table[place]?[event])
    let opened: UInt64
    switch transition {
    case .opened:
      #expect(breaker.state == .open)
      opened = 1
    case .halfOpened:
      #expect(breaker.state == .halfOpen)
      opened = 0
    case .closed:
      #expect(breaker.state == .closed)
      opened = 0
    case .wouldOpen, nil:
      #expect(breaker.state == before.state)
      opened = 0
    }
    #expect(breaker.opens == before.opens + opened)
    #expect(breaker.since == (breaker.state == before.state ? before.since : at(Self.now)))
    #expect(breaker.isForced == (event == .trip || (place == .forced && event != .reset)))
    #expect((breaker.changesAt == nil) == (breaker.state == .closed || breaker.isForced))
  }

  // MARK: - Thresholds

  @Test func failuresInARowOpenItAndASuccessBetweenStartsAnew() {
    var drill = Drill { $0.consecutiveFailures = 3 }
    for _ in 0..<5 {
      #expect(drill.batch(false, 1) == nil)
      #expect(drill.batch(false, 1) == nil)
      #expect(drill.batch(true, 1) == nil)
    }
    #expect(drill.batch(false, 1) == nil)
    #expect(drill.batch(false, 1) == nil)
    #expect(drill.batch(false, 1) == .opened(cause: .failuresInRow(3)))
  }

  @Test func theFailureRateDecidesFromTheLeastNumberOfBatchesOn() {
    var drill = Drill { $0.consecutiveFailures = 100 }
    // 19 batches, all but one failed: too few to decide.
    drill.batch(true, 1)
    for _ in 0..<18 { #expect(drill.batch(false, 1) == nil) }
    // The 20th decides, though it succeeds: 18 of 20 failed.
    #expect(drill.batch(true, 1) == .opened(cause: .failureRate(failed: 18, batches: 20, seconds: 10)))
  }

  @Test func theFailureRateIsReachedAtItsBoundNotBelow() {
    var drill = Drill { $0.consecutiveFailures = 100 }
    for _ in 0..<21 { #expect(drill.batch(true, 1) == nil) }
    // 20 of 41 failed: 48.8 %. 21 of 42: 50 %.
    for _ in 0..<20 { #expect(drill.batch(false, 1) == nil) }
    #expect(drill.batch(false, 1) == .opened(cause: .failureRate(failed: 21, batches: 42, seconds: 10)))
  }

  @Test func slowBatchesOpenItAtTheirRateNotBelow() {
    var drill = Drill()
    let (atLimit, above): (Int64, Int64) = (3_000_000, 3_000_001)
    for _ in 0..<21 { #expect(drill.batch(true, 1, nanos: atLimit, items: 3) == nil) }
    for _ in 0..<20 { #expect(drill.batch(true, 1, nanos: above, items: 3) == nil) }
    #expect(
      drill.batch(true, 1, nanos: above, items: 3) == .opened(cause: .slowRate(slow: 21, batches: 42, seconds: 10)))
  }

  @Test func aBatchOfNoItemsIsNeverSlow() {
    var drill = Drill { $0.slowRatePct = 1 }
    for _ in 0..<100 { #expect(drill.batch(true, 1, nanos: 3_600 * second, items: 0) == nil) }
  }

  @Test func enoughProbesCloseIt() {
    var drill = drill(in: .halfOpen)
    for _ in 0..<4 { #expect(drill.batch(true, Self.now, nanos: second) == nil) }
    #expect(drill.batch(true, Self.now, nanos: second) == .closed)
  }

  // MARK: - The window

  @Test func aBadPastIsForgivenWhenItsWindowHasPassed() {
    var drill = Drill { $0.consecutiveFailures = 100 }
    for _ in 0..<19 { drill.batch(false, 1.999) }
    // The slot of second 1 leaves when second 11 begins.
    var late = drill
    #expect(drill.batch(true, 10.999) == .opened(cause: .failureRate(failed: 19, batches: 20, seconds: 10)))
    #expect(late.batch(true, 11) == nil)
    for _ in 0..<18 { #expect(late.batch(false, 11) == nil) }
    #expect(late.batch(true, 11) == .opened(cause: .failureRate(failed: 18, batches: 20, seconds: 10)))
  }

  @Test func theWindowStartsEmptyAfterClosing() {
    var drill = Drill { $0.consecutiveFailures = 1_000 }
    for _ in 0..<20 { drill.batch(false, 1) }
    #expect(drill.look(6) == .halfOpened)
    for _ in 0..<5 { drill.batch(true, 6) }
    #expect(drill.breaker.state == .closed)
    for _ in 0..<19 { #expect(drill.batch(false, 6) == nil) }
    #expect(drill.batch(false, 6) == .opened(cause: .failureRate(failed: 20, batches: 20, seconds: 10)))
  }

  @Test func aBatchThatEndsOutOfOrderCountsInTheNewestSlot() {
    var drill = Drill { $0.consecutiveFailures = 100 }
    drill.batch(true, 100)
    for _ in 0..<18 { drill.batch(false, 99) }
    #expect(drill.batch(false, 99) == .opened(cause: .failureRate(failed: 19, batches: 20, seconds: 10)))
  }

  // MARK: - Time

  @Test func theStayDoublesUpToItsCap() {
    var drill = Drill()
    var time = 0.0
    for _ in 0..<5 { drill.batch(false, time) }
    for stay in [5.0, 10, 20, 40, 60, 60, 60] {
      #expect(drill.breaker.changesAt == at(time + stay))
      #expect(drill.look(time + stay - 0.001) == nil)
      time += stay
      #expect(drill.look(time) == .halfOpened)
      // The lease is as long as the stay.
      #expect(drill.breaker.changesAt == at(time + stay))
      #expect(drill.batch(false, time) == .opened(cause: .probeFailed))
    }
    #expect(drill.breaker.opens == 8)
  }

  @Test func closingEndsTheDoubling() {
    var drill = Drill()
    for _ in 0..<5 { drill.batch(false, 0) }
    #expect(drill.look(5) == .halfOpened)
    drill.batch(false, 5)
    #expect(drill.look(15) == .halfOpened)
    for _ in 0..<5 { drill.batch(true, 15) }
    for _ in 0..<5 { drill.batch(false, 20) }
    #expect(drill.breaker.changesAt == at(25))
  }

  @Test func aLeaseWithoutTrafficOrWithSuccessesOnlyClosesIt() {
    for successes in 0..<5 {
      var drill = Drill()
      for _ in 0..<5 { drill.batch(false, 0) }
      #expect(drill.look(5) == .halfOpened)
      for _ in 0..<successes { #expect(drill.batch(true, 6) == nil) }
      #expect(drill.look(9.999) == nil)
      #expect(drill.look(10) == .closed)
      #expect(drill.look(1e6) == nil)
    }
  }

  @Test func aClockThatJumpsByHoursMakesOneChangeAtALook() {
    var drill = Drill()
    for _ in 0..<5 { drill.batch(false, 0) }
    let hours = 7 * 3_600.0
    #expect(drill.look(hours) == .halfOpened)
    #expect(drill.breaker.since == at(hours))
    // Its lease runs from there.
    #expect(drill.look(hours + 4.999) == nil)
    #expect(drill.look(2 * hours) == .closed)
    #expect(drill.breaker.failureRate(at: at(2 * hours)) == 0)
    for _ in 0..<4 { #expect(drill.batch(false, 3 * hours) == nil) }
    #expect(drill.batch(false, 4 * hours) == .opened(cause: .failuresInRow(5)))
  }

  // MARK: - Force, and the last of its type

  @Test func aForcedOpeningOutlastsTimeAndBatches() {
    var drill = Drill()
    #expect(drill.breaker.trip(at: at(1)) == .opened(cause: .forced))
    #expect(drill.look(1e6) == nil)
    for _ in 0..<100 { #expect(drill.batch(true, 1e6) == nil) }
    #expect(drill.breaker.trip(at: at(1e6)) == nil)
    #expect(drill.breaker.state == .open)
    #expect(drill.breaker.since == at(1))
    #expect(drill.breaker.opens == 1)
    #expect(drill.breaker.reset(at: at(2e6)) == .closed)
    #expect(!drill.breaker.isForced)
  }

  @Test func trippingAnOpenBreakerStopsItsClock() {
    var drill = drill(in: .open)
    #expect(drill.breaker.trip(at: at(Self.now)) == nil)
    #expect(drill.look(Self.now + 1e6) == nil)
    #expect(drill.breaker.opens == 1)
  }

  @Test func resetForgetsStatisticsAndDoubling() {
    var drill = Drill()
    for _ in 0..<5 { drill.batch(false, 0) }
    #expect(drill.look(5) == .halfOpened)
    drill.batch(false, 5)
    #expect(drill.breaker.reset(at: at(6)) == .closed)
    #expect(drill.breaker.failureRate(at: at(6)) == 0)
    #expect(drill.breaker.opens == 2)
    for _ in 0..<4 { #expect(drill.batch(false, 6) == nil) }
    // While closed it forgets as well.
    #expect(drill.breaker.reset(at: at(6)) == nil)
    for _ in 0..<4 { #expect(drill.batch(false, 6) == nil) }
    #expect(drill.batch(false, 6) == .opened(cause: .failuresInRow(5)))
    #expect(drill.breaker.changesAt == at(11))
  }

  @Test func resetForgetsTheWindowWhileClosed() {
    var drill = Drill { $0.consecutiveFailures = 100 }
    for _ in 0..<19 { drill.batch(false, 1) }
    #expect(drill.breaker.reset(at: at(1)) == nil)
    for _ in 0..<19 { #expect(drill.batch(false, 1) == nil) }
    #expect(drill.batch(false, 1) == .opened(cause: .failureRate(failed: 20, batches: 20, seconds: 10)))
  }

  @Test func theLastOfItsTypeStaysClosedAndForgetsTheWindow() {
    var drill = Drill { $0.consecutiveFailures = 100 }
    drill.mayOpen = false
    for _ in 0..<3 {
      for _ in 0..<19 { #expect(drill.batch(false, 1) == nil) }
      #expect(drill.batch(false, 1) == .wouldOpen(cause: .failureRate(failed: 20, batches: 20, seconds: 10)))
      #expect(drill.breaker.state == .closed)
    }
    #expect(drill.breaker.opens == 0)
    #expect(drill.breaker.failureRate(at: at(1)) == 1)
  }

  @Test func aFailedProbeOfTheLastOfItsTypeBeginsTheLeaseAnew() {
    var drill = drill(in: .nearlyClosed)
    drill.mayOpen = false
    #expect(drill.batch(false, Self.now) == .wouldOpen(cause: .probeFailed))
    #expect(drill.breaker.changesAt == at(Self.now + 5))
    for _ in 0..<4 { #expect(drill.batch(true, Self.now + 1) == nil) }
    #expect(drill.batch(true, Self.now + 1) == .closed)
  }

  // MARK: - The last minute, settings, words

  @Test func theFailureRateOfTheLastMinuteCountsInEveryState() {
    var drill = Drill()
    #expect(drill.breaker.failureRate(at: at(0)) == 0)
    for _ in 0..<5 { drill.batch(false, 0) }
    #expect(drill.breaker.state == .open)
    drill.batch(true, 1)
    drill.batch(true, 1)
    drill.batch(true, 1)
    #expect(drill.breaker.failureRate(at: at(59.9)) == 0.625)
    #expect(drill.breaker.failureRate(at: at(60)) == 0)
  }

  @Test func otherSettingsKeepTheState() {
    var drill = drill(in: .open)
    var settings = BreakerSettings()
    settings.openNanos = second
    settings.openMaxNanos = 8 * second
    settings.probeBatches = 1
    drill.breaker.change(settings)
    #expect(drill.breaker.state == .open)
    #expect(drill.breaker.changesAt == at(Self.now + 0.1))
    #expect(drill.look(Self.now + 0.1) == .halfOpened)
    #expect(drill.batch(false, Self.now + 1) == .opened(cause: .probeFailed))
    // Doubled to 10 s, capped at 8 s.
    #expect(drill.breaker.changesAt == at(Self.now + 9))
    #expect(drill.look(Self.now + 9) == .halfOpened)
    #expect(drill.batch(true, Self.now + 9) == .closed)
  }

  @Test func aWindowOfAnotherLengthStartsEmptyAndOfTheSameGoesOn() {
    var settings = BreakerSettings()
    settings.consecutiveFailures = 100
    for (length, opensAfter) in [(10, 1), (3, 20)] {
      var drill = Drill { $0.consecutiveFailures = 100 }
      for _ in 0..<19 { drill.batch(false, 1) }
      settings.windowNanos = Int64(length) * second
      drill.breaker.change(settings)
      for _ in 1..<opensAfter { #expect(drill.batch(false, 1) == nil) }
      #expect(drill.batch(false, 1) == .opened(cause: .failureRate(failed: 20, batches: 20, seconds: length)))
    }
  }

  @Test func causesReadAsSentences() {
    #expect("\(CircuitBreaker.Cause.failuresInRow(5))" == "5 batches in a row failed")
    #expect("\(CircuitBreaker.Cause.failuresInRow(1))" == "a batch failed")
    #expect(
      "\(CircuitBreaker.Cause.failureRate(failed: 25, batches: 40, seconds: 10))"
        == "62 % of 40 batches failed in 10 s")
    #expect(
      "\(CircuitBreaker.Cause.slowRate(slow: 25, batches: 40, seconds: 10))"
        == "62 % of 40 batches were slow in 10 s")
    #expect("\(CircuitBreaker.Cause.forced)" == "forced")
    #expect("\(CircuitBreaker.Cause.probeFailed)" == "probe failed")
  }
}
