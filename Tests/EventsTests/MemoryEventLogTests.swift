import MarketData
import TestKit
import Testing

@testable import Events

@Suite struct MemoryEventLogTests {
  /// Every place of the ring, against an array.
  @Test func aSegmentRingIsAQueue() {
    var ring = SegmentRing()
    var plain: [UInt64] = []
    var random = SeededRandom(seed: 4)
    for sequence in UInt64(0)..<500 {
      if Int.random(in: 0...2, using: &random) < 2 {
        ring.append(LogSegment(firstSequence: sequence, events: 1, byteCapacity: 1))
        plain.append(sequence)
      } else {
        #expect(ring.removeFirst()?.firstSequence == (plain.isEmpty ? nil : plain.removeFirst()))
      }
      #expect(ring.count == plain.count)
      #expect((0..<ring.count).map { ring[$0]?.firstSequence } == plain)
      for bound in [0, sequence / 2, sequence + 1] {
        #expect(ring.partition { $0.firstSequence < bound } == plain.count { $0 < bound })
      }
    }
  }

  /// Seeded sizes and bounds: each kept event is found in its segment, and nothing before or behind.
  @Test(arguments: 1...20)
  func everyKeptEventIsFound(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let log = MemoryEventLog(
      keepEvents: Int.random(in: 1...300, using: &random), keepBytes: Int.random(in: 1...200_000, using: &random))
    var entry = LogEntry(
      offset: 0, length: 0, symbol: SymbolID(0), channel: 0, type: .high, direction: .up, session: .regular,
      significance: 1, sequencedTime: UnixNanos(0), receivedTime: UnixNanos(0))
    var sequence: UInt64 = 0
    for _ in 0..<400 {
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        sequence += 1
        entry.sequencedTime = UnixNanos(Int64(sequence))
        let size = Int.random(in: 1...1_000, using: &random)
        log.append(
          entry, framed: Array(repeating: UInt8(truncatingIfNeeded: sequence), count: size), sequence: sequence)
      }
      log.publish()
      #expect(log.lastSequence == sequence)
      #expect(log.lastSequence + 1 - log.firstSequence <= UInt64(log.keepEvents))
      #expect(log.firstSequence == 1 || log.newestGone == UnixNanos(Int64(log.firstSequence) - 1), "seed \(seed)")
      for wanted in log.firstSequence...log.lastSequence {
        guard let segment = log.segment(holding: wanted) else { return #expect(Bool(false), "seed \(seed): \(wanted)") }
        #expect(segment[Int(wanted - segment.firstSequence)].sequencedTime == UnixNanos(Int64(wanted)))
        #expect(log.firstSequence(notBefore: UnixNanos(Int64(wanted))) == wanted)
      }
      #expect(log.segment(holding: log.firstSequence - 1) == nil && log.segment(holding: sequence + 1) == nil)
    }
  }

  /// It summed all segments up, 24,000 of them at 100 million events.
  @Test func publishingCostsTheSameHoweverMuchIsKept() {
    func publishing(segments: Int) -> Duration {
      let log = MemoryEventLog(keepEvents: segments * 16, segmentEvents: 16)
      let entry = LogEntry(
        offset: 0, length: 0, symbol: SymbolID(0), channel: 0, type: .high, direction: .up, session: .regular,
        significance: 1, sequencedTime: UnixNanos(0), receivedTime: UnixNanos(0))
      for sequence in 1...UInt64(segments * 16) { log.append(entry, framed: [1], sequence: sequence) }
      return (0..<20).map { _ in ContinuousClock().measure { for _ in 0..<500 { log.publish() } } }.min() ?? .zero
    }
    let (few, many) = (publishing(segments: 8), publishing(segments: 8_000))
    #expect(many < few * 20, "\(few) with 8 segments, \(many) with 8,000")
  }
}
