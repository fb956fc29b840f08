import LockFree
import Testing

@Suite struct RunSetTests {
  private func elements(_ set: RunSet<Int>, _ destination: Int, from start: Int = 0) -> [Int] {
    set.withRun(of: destination, from: start) { run in run.indices.map { run[$0] } }
  }

  @Test func whatIsTakenBackLeavesNothing() {
    let set = RunSet<Int>(count: 3, runCapacity: 2)
    set.append(1, to: 2)
    set.mark()
    for value in 0..<10 { set.append(value, to: value % 3) }
    set.takeBack()
    #expect((0..<3).map { elements(set, $0) } == [[], [], [1]])
    set.append(7, to: 0)
    #expect(elements(set, 0) == [7])
    #expect(set.touched.sorted() == [0, 1, 2])
  }

  @Test func runsKeepTheirOrderWhileTheyGrow() {
    let set = RunSet<Int>(count: 2, runCapacity: 1)
    for value in 0..<1_000 {
      if value % 10 == 0 { set.mark() }
      set.append(value, to: value % 2)
    }
    #expect(elements(set, 0) == Array(stride(from: 0, to: 1_000, by: 2)))
    #expect(elements(set, 1, from: 498) == [997, 999])
    #expect(set.touched == [0, 1])
  }

  @Test func takingBackReachesOnlyToTheLastMark() {
    let set = RunSet<Int>(count: 1)
    set.mark()
    set.append(1, to: 0)
    set.mark()
    set.append(2, to: 0)
    set.takeBack()
    set.mark()
    set.takeBack()
    #expect(elements(set, 0) == [1])
  }

  @Test func anEmptiedSetStartsAfresh() {
    let set = RunSet<Int>(count: 2)
    set.append(1, to: 1)
    set.removeAll()
    #expect(set.touched.isEmpty)
    #expect(set.count(of: 1) == 0)
    set.append(2, to: 1)
    #expect(set.touched == [1])
    set.takeBack()
    #expect(elements(set, 1) == [])
  }
}
