import MarketData
import Testing

@testable import Server

@Suite struct HeapTrimTests {
  private let mib = 1 << 20

  @Test func isDueWhenMuchLessIsHeldThanBefore() {
    var trim = HeapTrim()
    #expect(trim.isDue(pendingBytes: 100 * mib, connections: 0, now: MonotonicNanos(0)) == false)
    #expect(trim.isDue(pendingBytes: 93 * mib, connections: 0, now: MonotonicNanos(1)) == false)
    #expect(trim.isDue(pendingBytes: 92 * mib, connections: 0, now: MonotonicNanos(2)) == true)
    #expect(trim.isDue(pendingBytes: 92 * mib, connections: 0, now: MonotonicNanos(10_000_000_000)) == false)
  }

  @Test func connectionsThatHaveGoneCountToo() {
    var trim = HeapTrim()
    // 200 × 64 KiB are 12.5 MiB.
    #expect(trim.isDue(pendingBytes: 0, connections: 200, now: MonotonicNanos(0)) == false)
    #expect(trim.isDue(pendingBytes: 0, connections: 10, now: MonotonicNanos(1)) == true)
  }

  @Test func aHeapThatComesAndGoesIsTrimmedOnceInARest() {
    var trim = HeapTrim()
    var trims: [Int64] = []
    for tick in 0..<200 {
      let now = MonotonicNanos(Int64(tick) * 100_000_000)
      if trim.isDue(pendingBytes: tick % 2 == 0 ? 50 * mib : 0, connections: 0, now: now) { trims.append(Int64(tick)) }
    }
    #expect(trims == [1, 51, 101, 151])
  }
}
