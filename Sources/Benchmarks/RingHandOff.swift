internal import Glibc
internal import LockFree
internal import MarketData
internal import Synchronization

/// What handing a record from producers to one consumer costs: the ring against a bounded deque behind a mutex.
///
/// `ring`: 1, 2 and 4 producers, 8,000,000 records of 56 bytes in all, one at a time and in runs of 64, capacity 65,536. Both sides give their core away
/// when they find the queue full or empty. CPU time of all threads; with more threads than cores, waiting is in it.
enum RingHandOff {
  private struct Record: BitwiseCopyable {
    var words = InlineArray<7, UInt64>(repeating: 0)
  }

  private static let records = 8_000_000
  private static let capacity = 65_536

  static func run(_ arguments: [String]) {
    print("ns a record of CPU time (wall time)")
    print("producers  run            ring      mutex and deque")
    for producers in [1, 2, 4] {
      for run in [1, 64] {
        let ring = ManyToOneRing<Record>(capacity: capacity)
        let first = measure(
          producers: producers, run: run, push: { ring.push(contentsOf: $0) },
          take: {
            let count = ring.poll(upTo: 1_024)
            var sum: UInt64 = 0
            for offset in 0..<count { sum &+= ring.element(at: offset).words[0] }
            ring.advance(by: count)
            return (count, sum)
          })
        let rival = Rival(capacity: capacity)
        let second = measure(producers: producers, run: run, push: { rival.push($0) }, take: { rival.take() })
        print("\(producers)          \("\(run)".padded(to: 8)) \(first)    \(second)")
      }
    }
  }

  private static func measure(
    producers: Int, run: Int, push: @escaping @Sendable (Span<Record>) -> Int,
    take: @escaping @Sendable () -> (count: Int, sum: UInt64)
  ) -> String {
    let each = records / producers
    var wall: Int64 = 0
    let cpu = Stopwatch.cpuNanos {
      let start = SystemClock().monotonicNow.nanoseconds
      let consumer = NamedThread("consumer") {
        var taken = 0
        var sum: UInt64 = 0
        while taken < each * producers {
          let (count, part) = take()
          if count == 0 { sched_yield() }
          taken += count
          sum &+= part
        }
        precondition(sum == UInt64(each * producers), "records were lost")
      }
      let threads = (0..<producers).map { number in
        NamedThread("producer-\(number)") {
          var record = Record()
          record.words[0] = 1
          let batch = [Record](repeating: record, count: run)
          var sent = 0
          while sent < each {
            let count = push(batch.span.extracting(first: min(run, each - sent)))
            if count == 0 { sched_yield() }
            sent += count
          }
        }
      }
      for thread in threads { thread.join() }
      consumer.join()
      wall = SystemClock().monotonicNow.nanoseconds - start
    }
    let all = Double(each * producers)
    return "\((Double(cpu) / all).fixed(1).padded(to: 7, left: true)) (\((Double(wall) / all).fixed(1)))".padded(to: 18)
  }

  /// What one would write without thinking long: a circular buffer behind a mutex.
  private final class Rival: Sendable {
    private struct Content {
      var records: [Record]
      var head = 0
      var count = 0
    }

    private let content: Mutex<Content>
    private let capacity: Int

    init(capacity: Int) {
      self.capacity = capacity
      content = Mutex(Content(records: Array(repeating: Record(), count: capacity)))
    }

    func push(_ run: Span<Record>) -> Int {
      content.withLock { content in
        let count = min(run.count, capacity - content.count)
        for index in 0..<count { content.records[(content.head + content.count + index) % capacity] = run[index] }
        content.count += count
        return count
      }
    }

    func take() -> (count: Int, sum: UInt64) {
      content.withLock { content in
        let count = min(content.count, 1_024)
        var sum: UInt64 = 0
        for index in 0..<count { sum &+= content.records[(content.head + index) % capacity].words[0] }
        content.head = (content.head + count) % capacity
        content.count -= count
        return (count, sum)
      }
    }
  }
}
