import Testing

@testable import Server

@Suite struct SharedLimitTests {
  @Test func oneHolderGetsItsShareAndLeavesTheRest() {
    var limit = SharedLimit(total: 10, sharePercent: 50)
    for _ in 0..<5 { #expect(limit.take(for: "greedy") == nil) }
    #expect(limit.take(for: "greedy") == .shareTaken)
    for holder in ["a", "b", "c", "d", "e"] { #expect(limit.take(for: holder) == nil) }
    #expect(limit.take(for: "f") == .full)
    #expect(limit.count == 10)
    limit.giveBack(by: "greedy")
    #expect(limit.take(for: "f") == nil)
    #expect(limit.take(for: "greedy") == .full)
  }

  @Test(arguments: [(2, 50, 1), (1, 50, 1), (3, 50, 1), (16_384, 50, 8_192), (1_000_000, 100, 1_000_000), (10, 1, 1)])
  func theShareIsRoundedDownToOneAtLeast(total: Int, percent: Int, share: Int) {
    var limit = SharedLimit(total: total, sharePercent: percent)
    #expect(limit.share == share)
    for _ in 0..<share { #expect(limit.take(for: "one") == nil) }
    #expect(limit.take(for: "one") != nil)
  }

  @Test func whatReplacesOneOfTheHoldersOwnMayBeOneMoreForAMoment() {
    var limit = SharedLimit(total: 2, sharePercent: 50)
    #expect(limit.take(for: "a") == nil && limit.take(for: "b") == nil)
    #expect(limit.take(for: "a", replacesOne: true) == nil)
    #expect(limit.count == 3)
    limit.giveBack(by: "a")
    #expect(limit.take(for: "a") == .full && limit.count == 2)
    limit.giveBack(by: "b")
    #expect(limit.take(for: "a") == .shareTaken && limit.count == 1)
  }

  @Test func whoHasNoneGivesNothingBack() {
    var limit = SharedLimit(total: 2, sharePercent: 50)
    limit.giveBack(by: "nobody")
    #expect(limit.count == 0)
    #expect(limit.take(for: "a") == nil)
    limit.giveBack(by: "a")
    limit.giveBack(by: "a")
    #expect(limit.count == 0 && limit.take(for: "a") == nil)
  }
}
