import Events
import MarketData
import Server
import Testing

@Suite struct AcknowledgementLedgerTests {
  private func tally(late: UInt64 = 0, quarantined: UInt64 = 0) -> ItemTally {
    var tally = ItemTally()
    tally.late = late
    tally.quarantined = quarantined
    return tally
  }

  @Test func aReadIsAcknowledgedWhenAllItsMarkersAreOut() {
    var ledger = AcknowledgementLedger()
    ledger.take(sequence: 1, accepted: 3, rejected: 0)
    ledger.take(sequence: 2, accepted: 1, rejected: 0)
    let read = ledger.closeRead()
    ledger.pushed(read: read, markers: 2)
    ledger.markerOut(read: read, tally: ItemTally())
    let told1 = ledger.advance()
    #expect(!told1)
    #expect(ledger.acked == 0)
    ledger.markerOut(read: read, tally: ItemTally())
    let told2 = ledger.advance()
    #expect(told2)
    #expect(ledger.acked == 2)
    #expect(ledger.isSettled)
    #expect(ledger.totals.accepted == 4)
    let told3 = ledger.advance()
    #expect(!told3)
  }

  @Test func aMarkerMayComeOutBeforeItsReadIsWhollyPushed() {
    var ledger = AcknowledgementLedger()
    ledger.take(sequence: 7, accepted: 2, rejected: 0)
    let read = ledger.closeRead()
    ledger.markerOut(read: read, tally: ItemTally())
    let told4 = ledger.advance()
    #expect(!told4)
    ledger.pushed(read: read, markers: 1)
    let told5 = ledger.advance()
    #expect(told5)
    #expect(ledger.acked == 7)
  }

  @Test func aLaterReadWaitsForTheEarlierOne() {
    var ledger = AcknowledgementLedger()
    ledger.take(sequence: 1, accepted: 1, rejected: 0)
    let first = ledger.closeRead()
    ledger.take(sequence: 2, accepted: 1, rejected: 0)
    let second = ledger.closeRead()
    ledger.pushed(read: first, markers: 1)
    ledger.pushed(read: second, markers: 1)
    ledger.markerOut(read: second, tally: tally(late: 1))
    // The count is news; the acknowledgement is not.
    let told6 = ledger.advance()
    #expect(told6)
    #expect(ledger.acked == 0)
    #expect(ledger.totals.finished.late == 1)
    ledger.markerOut(read: first, tally: tally(quarantined: 2))
    let told7 = ledger.advance()
    #expect(told7)
    #expect(ledger.acked == 2)
    #expect(ledger.totals.finished.quarantined == 2)
  }

  @Test func oneStepCoversAtMost1024Requests() {
    var ledger = AcknowledgementLedger()
    for read in 0..<3 {
      for request in 0..<1_000 { ledger.take(sequence: UInt64(read * 1_000 + request + 1), accepted: 1, rejected: 0) }
      let number = ledger.closeRead()
      ledger.pushed(read: number, markers: 0)
    }
    var steps: [UInt64] = []
    while ledger.hasNews {
      _ = ledger.advance()
      steps.append(ledger.acked)
    }
    #expect(steps == [1_000, 2_000, 3_000])
  }

  @Test func aRequestWithoutItemsIsAcknowledgedAtOnce() {
    var ledger = AcknowledgementLedger(resumingAt: 40)
    #expect(ledger.acked == 40)
    ledger.take(sequence: 41, accepted: 0, rejected: 1)
    #expect(ledger.hasNews)
    let read = ledger.closeRead()
    ledger.pushed(read: read, markers: 0)
    let told8 = ledger.advance()
    #expect(told8)
    #expect(ledger.acked == 41)
    #expect(ledger.totals.rejected == 1)
  }

  @Test func anUnknownReadIsNobodysBusiness() {
    var ledger = AcknowledgementLedger()
    ledger.markerOut(read: 99, tally: ItemTally())
    ledger.pushed(read: 99, markers: 1)
    #expect(ledger.isSettled)
    #expect(ledger.acked == 0)
  }

  @Test func thousandsOfReadsKeepTheirNumbers() {
    var ledger = AcknowledgementLedger()
    for sequence in 1...5_000 as ClosedRange<UInt64> {
      ledger.take(sequence: sequence, accepted: 1, rejected: 0)
      let read = ledger.closeRead()
      #expect(read == sequence - 1)
      ledger.pushed(read: read, markers: 1)
      if sequence > 100 {
        ledger.markerOut(read: read - 100, tally: ItemTally())
        let told9 = ledger.advance()
        #expect(told9)
        #expect(ledger.acked == sequence - 100)
      }
    }
    #expect(ledger.readsInFlight == 100)
  }
}
