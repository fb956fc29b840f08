import Events
import LockFree
import MarketData
import TestKit
import Testing

@Suite struct SequencerTests {
  @Test func markersComeOutAfterTheEventsBeforeThemAreVisible() {
    let rig = EventRig()
    let taken = rig.sequencer.queue.push(.event(rig.event(0)))
    #expect(taken)
    let marked = rig.sequencer.queue.push(.marker(Marker(slot: StreamSlot(3), read: 9)))
    #expect(marked)
    #expect(rig.markers.value.isEmpty)
    rig.sequencer.step(upTo: 10)
    #expect(rig.log.lastSequence == 1)
    #expect(rig.markers.value == [Marker(slot: StreamSlot(3), read: 9)])
    #expect(rig.wakes.value == 1)
  }

  @Test func sequencedTimesNeverFallAndFollowDetection() {
    let rig = EventRig()
    var late = rig.event(0)
    late.detectedTime = UnixNanos(rig.clock.unixNow.nanoseconds + 500)
    rig.add([late])
    rig.add([rig.event(1)])
    let segment = rig.log.segment(holding: 1)
    #expect(segment?[0].sequencedTime == late.detectedTime)
    #expect(segment?[1].sequencedTime == late.detectedTime)
  }

  @Test func sequencedTimesGoOnWhenTheWallClockIsSetBack() {
    let rig = EventRig()
    rig.add([rig.event(0)])
    rig.clock.setWall(by: -3_600_000_000_000)
    for _ in 0..<2 {
      rig.clock.step(by: 1_000)
      rig.add([rig.event(1)])
    }
    let times = (1...3).compactMap { rig.log.segment(holding: 1)?[$0 - 1].sequencedTime.nanoseconds }
    #expect(times == [times[0], times[0] + 1_000, times[0] + 2_000])
  }

  @Test func theWatermarkRisesOnlyOverWhatIsInTheLog() {
    let rig = EventRig()
    #expect(rig.sequencer.watermark == UnixNanos(0))
    for _ in 0..<3 { _ = rig.sequencer.queue.push(.event(rig.event(0))) }
    rig.passed.change { $0 = 77 }
    rig.sequencer.step(upTo: 2)
    #expect(rig.sequencer.watermark == UnixNanos(0))
    rig.sequencer.step(upTo: 2)
    #expect(rig.sequencer.watermark == UnixNanos(77))
    rig.passed.change { $0 = 50 }
    rig.sequencer.step(upTo: 2)
    #expect(rig.sequencer.watermark == UnixNanos(77))
  }

  /// One writer thread and readers that drain while it writes and retention takes the oldest away.
  @Test func readersSeeWholeEventsWhileTheLogMovesOn() throws {
    let rig = EventRig(keepEvents: 64)
    let sequencer = rig.sequencer
    let events = (0..<4).map { rig.event(UInt32($0)) }
    // Before anything is sequenced: without a start it hears what comes from here on.
    var subscription = try rig.subscribe()
    let thread = NamedThread("sequencer") { sequencer.run() }
    let producer = NamedThread("producer") {
      for index in 0..<5_000 { sequencer.queue.pushWaiting(contentsOf: [SequencerInput.event(events[index % 4])].span) }
      sequencer.queue.close()
    }
    var last: UInt64 = 0
    let patience = Patience()
    while last < 5_000, !patience.isOver {
      switch subscription.next() {
      case .events(let bytes, _, _):
        for sequence in PlainEncoder.sequences(bytes) {
          #expect(sequence == last + 1)
          last = sequence
        }
      case .missed(let first, let until, _):
        #expect(first == last + 1)
        last = until
      default: break
      }
    }
    #expect(last == 5_000)
    producer.join()
    thread.join()
    #expect(rig.log.lastSequence == 5_000)
  }
}
