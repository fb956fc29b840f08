import MarketData
import Testing

@testable import Server

/// When a costly reading is made, and who gets it.
@Suite struct ReadingTurnsTests {
  static let interval: Int64 = 100
  typealias Turns = ReadingTurns<String>

  static func at(_ nanos: Int64) -> MonotonicNanos { MonotonicNanos(nanos) }

  /// A reading from 0 to 10 that one has asked for.
  static var afterOne: Turns {
    var turns = Turns(intervalNanos: interval)
    _ = turns.ask("first", at: at(0), mayBeRecent: false)
    turns.begin(at: at(0))
    _ = turns.finish(at: at(10))
    return turns
  }

  @Test func theFirstIsReadForAtOnce() {
    var turns = Turns(intervalNanos: Self.interval)
    #expect(turns.ask("a", at: Self.at(5), mayBeRecent: true) == .begin(inNanos: 0))
    #expect(turns.ask("b", at: Self.at(6), mayBeRecent: false) == .wait)
    turns.begin(at: Self.at(7))
    let (waiters, next) = turns.finish(at: Self.at(9))
    #expect(waiters == ["a", "b"])
    #expect(next == nil)
  }

  @Test(arguments: [(30, 70), (99, 1), (100, 0), (5_000, 0)] as [(Int64, Int64)])
  func aQuestionAfterAReadingWaitsForTheNext(now: Int64, wait: Int64) {
    var turns = Self.afterOne
    #expect(turns.ask("a", at: Self.at(now), mayBeRecent: false) == .begin(inNanos: wait))
  }

  @Test(arguments: [(30, .last), (100, .last), (101, .begin(inNanos: 0))] as [(Int64, Turns.Answer)])
  func whoTakesARecentOneGetsIt(now: Int64, answer: Turns.Answer) {
    var turns = Self.afterOne
    #expect(turns.ask("a", at: Self.at(now), mayBeRecent: true) == answer)
  }

  @Test func aReadingUnderWayMakesTheLastOneNoYounger() {
    var turns = Self.afterOne
    _ = turns.ask("a", at: Self.at(500), mayBeRecent: false)
    turns.begin(at: Self.at(500))
    #expect(turns.ask("b", at: Self.at(505), mayBeRecent: true) == .wait)
  }

  @Test func aQuestionDuringAReadingIsForTheNext() {
    var turns = Self.afterOne
    _ = turns.ask("a", at: Self.at(200), mayBeRecent: false)
    turns.begin(at: Self.at(200))
    #expect(turns.ask("b", at: Self.at(210), mayBeRecent: false) == .wait)
    let first = turns.finish(at: Self.at(220))
    #expect(first.waiters == ["a"])
    #expect(first.nextInNanos == 80)
    #expect(turns.ask("c", at: Self.at(230), mayBeRecent: false) == .wait)
    turns.begin(at: Self.at(300))
    #expect(turns.finish(at: Self.at(305)).waiters == ["b", "c"])
  }

  /// However many ask, and however often: one reading an interval, and nobody is forgotten.
  @Test func readingsAreNoMoreThanOneAnInterval() {
    var turns = Turns(intervalNanos: Self.interval)
    var begins: [Int64] = []
    var due: Int64?
    var answered = 0
    for now in Int64(0)..<1_000 {
      if case .begin(let nanos) = turns.ask("\(now)", at: Self.at(now), mayBeRecent: false) { due = now + nanos }
      guard due == now else { continue }
      turns.begin(at: Self.at(now))
      begins.append(now)
      let (waiters, next) = turns.finish(at: Self.at(now))
      answered += waiters.count
      due = next.map { now + $0 }
    }
    #expect(begins == Array(stride(from: 0, to: 1_000, by: 100)))
    #expect(answered == 901)
  }
}

/// Whose question for symbols' states is worked on.
@Suite struct StateTurnsTests {
  @Test func aFewOfEachConnectionAreWorkedOnAtOnce() {
    var turns = StateTurns<Int>()
    #expect(turns.ask(1, of: "a") == true)
    #expect(turns.ask(2, of: "a") == true)
    #expect(turns.ask(3, of: "a") == false)
    #expect(turns.ask(4, of: "a") == false)
    // Another connection does not stand behind them.
    #expect(turns.ask(5, of: "b") == true)
    #expect(turns.finish(of: "a") == 3)
    #expect(turns.finish(of: "a") == 4)
    #expect(turns.finish(of: "a") == nil)
    #expect(turns.ask(6, of: "a") == true)
    for connection in ["a", "a", "b"] { #expect(turns.finish(of: connection) == nil) }
    #expect(turns.isEmpty)
    #expect(turns.finish(of: "a") == nil)
  }

  @Test func manyComeOutInTheirOrder() {
    var turns = StateTurns<Int>()
    for number in 0..<1_000 { #expect(turns.ask(number, of: "a") == (number < 2)) }
    var order: [Int] = []
    while let next = turns.finish(of: "a") { order.append(next) }
    #expect(order == Array(2..<1_000))
  }
}
