import LockFree
import Testing

@Suite struct ByteBudgetTests {
  private func sizes(_ budget: ByteBudget) -> [Int] { ByteBudget.Owner.allCases.map { budget.bytes(of: $0) } }

  @Test func ownersHaveTheNamesOfTheContract() {
    #expect(
      ByteBudget.Owner.allCases.map(\.name) == ["messages", "rests", "headers", "answers", "filters", "send_queues"])
  }

  @Test func reservesUpToTheLimitAndNoByteMore() {
    let budget = ByteBudget(limit: 100)
    #expect(budget.reserve(60, .messages))
    #expect(!budget.reserve(41, .answers))
    #expect(budget.reserve(40, .answers))
    #expect(budget.total == 100)
    #expect(sizes(budget) == [60, 0, 0, 40, 0, 0])
    #expect(budget.reserve(0, .rests))
  }

  @Test func whatIsAddedUnaskedTakesTheRoomOfWhatAsks() {
    let budget = ByteBudget(limit: 100)
    budget.add(130, .rests)
    #expect(budget.total == 130)
    #expect(!budget.reserve(1, .filters))
    budget.release(31, .rests)
    #expect(budget.reserve(1, .filters))
    #expect(sizes(budget) == [0, 99, 0, 0, 1, 0])
  }

  @Test(arguments: ByteBudget.Owner.allCases) func everyOwnerGetsItsOwnBytesBack(owner: ByteBudget.Owner) {
    let budget = ByteBudget(limit: 100)
    budget.add(7, owner)
    #expect(budget.reserve(3, owner))
    #expect(budget.bytes(of: owner) == 10)
    budget.release(10, owner)
    #expect(budget.total == 0 && sizes(budget) == [0, 0, 0, 0, 0, 0])
  }

  @Test func threadsLoseNothing() {
    let budget = ByteBudget(limit: 1_000)
    let threads = (0..<4).map { index in
      let owner = ByteBudget.Owner.allCases[index]
      return NamedThread("budget") {
        for _ in 0..<20_000 where budget.reserve(400, owner) { budget.release(400, owner) }
      }
    }
    for thread in threads { thread.join() }
    #expect(budget.total == 0 && sizes(budget) == [0, 0, 0, 0, 0, 0])
  }

  // MARK: holders

  @Test func aHolderGetsItsShareAndNoByteMore() {
    let budget = ByteBudget(limit: 1_001, sharePercent: 50)
    let (greedy, other) = (BudgetHolder(of: budget), BudgetHolder(of: budget))
    #expect(greedy.reserve(300, .messages) == nil)
    #expect(greedy.reserve(201, .answers) == .shareTaken)
    #expect(greedy.reserve(200, .answers) == nil)
    #expect(greedy.total == 500 && budget.total == 500)
    #expect(sizes(budget) == [300, 0, 0, 200, 0, 0])
    // What one has taken, the other still finds.
    #expect(other.reserve(500, .filters) == nil)
    // The budget is spent before a third has any share.
    let late = BudgetHolder(of: budget)
    #expect(late.reserve(2, .headers) == .spent)
    #expect(late.total == 0 && budget.total == 1_000)
    greedy.release(300, .messages)
    #expect(late.reserve(2, .headers) == nil && greedy.reserve(1, .rests) == nil)
    #expect(greedy.rests == 1 && other.rests == 0)
  }

  @Test func whatIsAddedUnaskedCountsForTheHolderToo() {
    let budget = ByteBudget(limit: 1_000, sharePercent: 10)
    let holder = BudgetHolder(of: budget)
    holder.add(150, .rests)
    #expect(holder.total == 150 && holder.rests == 150 && budget.bytes(of: .rests) == 150)
    #expect(holder.reserve(1, .messages) == .shareTaken)
    holder.release(150, .rests)
    #expect(holder.total == 0 && holder.rests == 0 && budget.total == 0)
  }

  @Test(arguments: [(100, Int.max), (50, Int.max / 2), (1, Int.max / 100)])
  func aShareIsExactWhateverTheLimit(percent: Int, share: Int) {
    #expect(ByteBudget(limit: .max, sharePercent: percent).share == share)
  }

  @Test func nearlySpentIsSevenEighthsOfTheShareOrOfAll() {
    let budget = ByteBudget(limit: 1_600, sharePercent: 50)
    let holder = BudgetHolder(of: budget)
    holder.add(700, .messages)
    #expect(holder.nearlySpent == nil)
    holder.add(1, .messages)
    #expect(holder.nearlySpent == .shareTaken)
    holder.release(701, .messages)
    budget.add(1_401, .rests)
    #expect(holder.nearlySpent == .spent)
  }

  // MARK: shares

  // Noncopyable values cannot pass through the macros of expectations.
  private func reserves(_ share: inout BudgetShare, _ bytes: Int) -> Bool { share.reserve(bytes) == nil }

  @Test func aShareCountsInStepsThatCoverItsSize() {
    let budget = ByteBudget(limit: 1 << 20)
    var share = BudgetShare(of: BudgetHolder(of: budget), .messages)
    var counts: [Int] = []
    for bytes in [1, 1_024, 1_025, 16_384, 16_385, 40_000] {
      #expect(reserves(&share, bytes))
      counts.append(budget.total)
    }
    #expect(counts == [1_024, 1_024, 2_048, 16_384, 32_768, 49_152])
    let counted = share.counted
    #expect(budget.bytes(of: .messages) == counted)
  }

  @Test func aShareThatComesAndGoesKeepsItsStep() {
    let budget = ByteBudget(limit: 1 << 20)
    var share = BudgetShare(of: BudgetHolder(of: budget), .sendQueues)
    share.set(3_000)
    share.set(0)
    #expect(budget.total == 3_072)
    share.set(30_000)
    share.set(1)
    #expect(budget.total == 32_768)
    share.set(0)
    #expect(budget.total == 0)
    share.set(50_000)
    share.set(10_000)
    #expect(budget.total == 10_240)
  }

  @Test func aShareThatDoesNotFitStaysAsItWas() {
    let budget = ByteBudget(limit: 10_000)
    var share = BudgetShare(of: BudgetHolder(of: budget), .answers)
    #expect(reserves(&share, 5_000))
    #expect(!reserves(&share, 10_001))
    #expect(budget.total == 5_120)
    share.set(20_000)
    #expect(budget.total == 32_768)
    #expect(reserves(&share, 20_001))
  }

  @Test func aDestroyedShareGivesEverythingBack() {
    let budget = ByteBudget(limit: 10_000)
    do {
      var share = BudgetShare(of: BudgetHolder(of: budget), .filters)
      #expect(reserves(&share, 9_000))
      #expect(budget.total > 0)
    }
    #expect(budget.total == 0)
  }
}
