import Foundation
import LockFree
import Synchronization
import TestKit
import Testing

@Suite struct ManyToOneRingTests {
  private func push(_ elements: [Int], to ring: ManyToOneRing<Int>) -> Int { ring.push(contentsOf: elements.span) }

  private func take(_ count: Int, from ring: ManyToOneRing<Int>) -> [Int] {
    let ready = ring.poll(upTo: count)
    let elements = (0..<ready).map { ring.element(at: $0) }
    ring.advance(by: ready)
    return elements
  }

  /// Every wrap position, every run length up to more than fits, every amount taken, against an array.
  @Test(arguments: [1, 2, 4, 8])
  func behavesLikeAPlainQueueAtEveryWrapPosition(capacity: Int) {
    for start in 0..<2 * capacity {
      for runLength in 0...capacity + 2 {
        for taken in 0...capacity {
          let ring = ManyToOneRing<Int>(capacity: capacity)
          var queue: [Int] = []
          var next = 0
          for _ in 0..<start {
            #expect(ring.push(next))
            #expect(take(1, from: ring) == [next])
            next += 1
          }
          for _ in 0..<3 {
            let run = Array(next..<next + runLength)
            let count = push(run, to: ring)
            #expect(count == min(runLength, capacity - queue.count))
            queue += run.prefix(count)
            next += count
            #expect(ring.depth == queue.count)
            let out = take(taken, from: ring)
            #expect(out == Array(queue.prefix(taken)))
            queue.removeFirst(out.count)
          }
          #expect(take(capacity, from: ring) == queue)
        }
      }
    }
  }

  @Test func aClosedRingTakesNothingAndDeliversWhatItTook() {
    let ring = ManyToOneRing<Int>(capacity: 4)
    #expect(push([1, 2], to: ring) == 2)
    ring.close()
    #expect(!ring.push(3))
    #expect(push([3], to: ring) == 0)
    #expect(ring.isClosed)
    #expect(!ring.isDrained)
    #expect(take(4, from: ring) == [1, 2])
    #expect(ring.isDrained)
    #expect(ring.depth == 0)
  }

  /// A consumer that waits for a full batch looks at each wake; were each look a walk from the front, a batch would cost its square.
  @Test func anotherLookCostsNothing() {
    let ring = ManyToOneRing<UInt8>(capacity: 1 << 20)
    for _ in 0..<ring.capacity { _ = ring.push(0) }
    let clock = ContinuousClock()
    let first = clock.measure { #expect(ring.poll(upTo: .max) == ring.capacity) }
    let others = clock.measure {
      for _ in 0..<1_000 where ring.poll(upTo: .max) != ring.capacity { Issue.record("some are gone") }
    }
    #expect(others < first * 10, "a look took \(first), a thousand more \(others)")
    // Less than was seen, and beyond what was handed back.
    #expect(ring.poll(upTo: 3) == 3)
    ring.advance(by: 3)
    #expect(ring.poll(upTo: .max) == ring.capacity - 3)
  }

  /// Who waits for 64 elements sleeps through the 63 pushes before.
  @Test func aConsumerIsWokenWhenThereIsAsMuchAsItWaitsFor() {
    let queue = ManyToOneQueue<Int>(capacity: 64)
    let wakes = Atomic<Int>(0)
    withExtendedLifetime(wakes) {
      let started = ContinuousClock.now
      let consumer = NamedThread("consumer") {
        while queue.ring.poll(upTo: 64) < 64, ContinuousClock.now < started + .seconds(60) {
          queue.await(atLeast: 64, atMost: 60_000_000_000)
          wakes.add(1, ordering: .relaxed)
        }
      }
      for element in 0..<64 {
        usleep(1_000)
        #expect(queue.push(element))
      }
      consumer.join()
      #expect(queue.ring.poll(upTo: 64) == 64)
      // One, or a few more: a sleeper looks once a second, and a slow machine takes long for 64 pushes.
      let seconds = Int((ContinuousClock.now - started).components.seconds)
      #expect(wakes.load(ordering: .relaxed) <= 2 + seconds)
    }
  }

  @Test func largeElementsKeepTheirBytes() {
    struct Wide: BitwiseCopyable, Equatable {
      var a: Int64
      var b: Double
      var c: (UInt8, Int64, Int64, Int64)
      static func == (x: Wide, y: Wide) -> Bool { x.a == y.a && x.b == y.b && x.c == y.c }
    }
    let ring = ManyToOneRing<Wide>(capacity: 2)
    for value in 0..<9 as Range<Int64> {
      let wide = Wide(a: value, b: Double(value) / 3, c: (UInt8(value), -value, value * 2, .min))
      #expect(ring.push(wide))
      #expect(ring.poll(upTo: 8) == 1)
      #expect(ring.element(at: 0) == wide)
      ring.advance(by: 1)
    }
  }

  /// Contended: each producer's elements arrive complete and in its order. Longer with PENSTOCK_LONG_TESTS=1.
  @Test(arguments: [(4, 2), (64, 4), (1, 3)])
  func producersLoseNothingAndKeepTheirOrder(capacity: Int, producers: Int) {
    let each = ProcessInfo.processInfo.environment["PENSTOCK_LONG_TESTS"] == "1" ? 2_000_000 : 20_000
    let queue = ManyToOneQueue<UInt64>(capacity: capacity)
    let threads = (0..<producers).map { producer in
      NamedThread("producer") {
        var sent = 0
        while sent < each {
          // Runs of 1 to 7, so that they are split at free space.
          let run = (sent..<min(each, sent + 1 + sent % 7)).map { UInt64(producer) << 32 | UInt64($0) }
          let whole = queue.pushWaiting(contentsOf: run.span)
          #expect(whole)
          sent += run.count
        }
      }
    }
    var next = [UInt64](repeating: 0, count: producers)
    var received = 0
    let patience = Patience()
    while received < producers * each, !patience.isOver {
      let ready = queue.ring.poll(upTo: 16)
      if ready == 0 {
        queue.await()
        continue
      }
      for offset in 0..<ready {
        let element = queue.ring.element(at: offset)
        let producer = Int(element >> 32)
        #expect(element & 0xFFFF_FFFF == next[producer])
        next[producer] += 1
      }
      queue.ring.advance(by: ready)
      received += ready
    }
    #expect(received == producers * each)
    // Lets producers go that a broken ring holds.
    queue.close()
    for thread in threads { thread.join() }
    #expect(next == [UInt64](repeating: UInt64(each), count: producers))
    #expect(queue.ring.poll(upTo: 1) == 0)
  }

  /// A ring closed under its producers: what they were told was taken comes out, and nothing else.
  @Test func closingUnderContentionLosesNothingThatWasTaken() {
    for _ in 0..<200 {
      let queue = ManyToOneQueue<Int>(capacity: 8)
      let taken = Atomic<Int>(0)
      let threads = (0..<2).map { _ in
        NamedThread("producer") {
          while !queue.ring.isClosed {
            if queue.push(1) { taken.add(1, ordering: .relaxed) }
          }
        }
      }
      var received = 0
      let patience = Patience()
      while received < 50, !patience.isOver {
        let ready = queue.ring.poll(upTo: 8)
        queue.ring.advance(by: ready)
        received += ready
      }
      queue.close()
      for thread in threads { thread.join() }
      while !queue.ring.isDrained, !patience.isOver {
        let ready = queue.ring.poll(upTo: 8)
        queue.ring.advance(by: ready)
        received += ready
      }
      #expect(received == taken.load(ordering: .relaxed))
    }
  }
}
