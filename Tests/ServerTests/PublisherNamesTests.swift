import MarketData
import TestKit
import Testing

@testable import Server

/// Which names are forgotten, and when; streams are numbers.
@Suite struct PublisherNamesTests {
  private static let memory: Int64 = 100

  private func names(limit: Int) -> PublisherNames<Int> { PublisherNames(limit: limit, memoryNanos: Self.memory) }

  /// A stream publishes as the name from one time to another; the point that it resumed at, or nil where it was refused.
  @discardableResult
  private func publish(
    _ name: String, _ names: inout PublisherNames<Int>, at begin: Int64, until end: Int64, processed: UInt64 = 7,
    isForgotten: Bool = false
  ) -> UInt64? {
    guard var entry = names.claim(name, at: MonotonicNanos(begin)) else { return nil }
    let resume = entry.processed
    entry.holder = 1
    names.keep(name, entry, at: MonotonicNanos(begin))
    entry.holder = nil
    entry.processed = max(entry.processed, processed)
    names.keep(name, entry, at: MonotonicNanos(end), isForgotten: isForgotten)
    return resume
  }

  @Test func aNameIsRememberedForItsTimeAfterTheEndOfItsLastStream() {
    var names = names(limit: 2)
    // The stream was open for longer than names are remembered.
    publish("a", &names, at: 0, until: 500)
    #expect(publish("a", &names, at: 599, until: 700, processed: 9) == 7)
    #expect(publish("a", &names, at: 799, until: 800) == 9)
    #expect(publish("a", &names, at: 900, until: 1_000) == 0)
  }

  @Test func atTheLimitANewNameWaitsUntilTheLeastRecentlyUsedIsOldEnough() {
    var names = names(limit: 3)
    for (place, name) in ["a", "b", "c"].enumerated() { publish(name, &names, at: 0, until: Int64(10 * place)) }
    // Used again, "a" is the youngest.
    #expect(publish("a", &names, at: 30, until: 30) == 7)
    #expect(publish("d", &names, at: 109, until: 109) == nil)
    #expect(publish("d", &names, at: 110, until: 110) == 0)
    #expect(names["b"] == nil && names.count == 3)
    #expect(publish("e", &names, at: 111, until: 111) == nil)
    // What is left knows what was processed.
    #expect(publish("c", &names, at: 111, until: 111) == 7 && publish("a", &names, at: 111, until: 111) == 7)
  }

  @Test func aNameWithAStreamIsNeverForgotten() {
    var names = names(limit: 2)
    for name in ["live", "taken over"] {
      guard var entry = names.claim(name, at: MonotonicNanos(0)) else { return #expect(Bool(false)) }
      entry.holder = 1
      entry.processed = 3
      if name == "taken over" { entry.waiting = 2 }
      names.keep(name, entry, at: MonotonicNanos(0))
    }
    #expect(publish("new", &names, at: 1_000_000, until: 1_000_000) == nil)
    #expect(names["live"]?.holder == 1 && names["taken over"]?.waiting == 2)
  }

  @Test func aNameWithNothingToRememberIsNotKept() {
    var names = names(limit: 1)
    publish("nothing processed", &names, at: 0, until: 1, processed: 0)
    #expect(names.count == 0)
    publish("for this run", &names, at: 2, until: 3, isForgotten: true)
    #expect(names.count == 0)
    #expect(publish("kept", &names, at: 4, until: 5) == 0 && names.count == 1)
  }

  @Test func oneClaimForgetsABoundedNumber() {
    var names = names(limit: 1_000)
    for number in 0..<1_000 { publish("\(number)", &names, at: 0, until: 0) }
    var counts: [Int] = []
    for number in 0..<4 {
      publish("new \(number)", &names, at: 200, until: 200)
      counts.append(names.count)
    }
    #expect(counts == [985, 970, 955, 940])
    // One that is old and not yet reached counts as forgotten all the same.
    #expect(publish("999", &names, at: 200, until: 200) == 0)
  }

  /// Against a list of who ended when.
  @Test(arguments: 1...20)
  func theOrderIsThatOfThePlainList(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var names = names(limit: 8)
    var plain: [(name: String, ended: Int64, processed: UInt64)] = []
    var now: Int64 = 0
    for step in 0..<2_000 {
      now += Int64(random.next() % 30)
      let name = "\(random.next() % 12)"
      plain.removeAll { now - $0.ended >= Self.memory }
      let known = plain.first { $0.name == name }
      let expected = known?.processed ?? (plain.count < 8 ? 0 : nil)
      #expect(publish(name, &names, at: now, until: now, processed: UInt64(step + 1)) == expected, "step \(step)")
      guard expected != nil else { continue }
      plain.removeAll { $0.name == name }
      plain.append((name, now, UInt64(step + 1)))
    }
  }
}
