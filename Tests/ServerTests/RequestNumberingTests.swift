import Testing
import WireCodec

@testable import Server

@Suite struct RequestNumberingTests {
  @Test func countedRequestsRiseFromOneAndANumberAmongThemIsNone() {
    var numbering = RequestNumbering()
    #expect(numbering.number(of: 0, after: 0) == 1)
    #expect(numbering.isCounted)
    #expect(numbering.number(of: .max, after: 1) == 0)
    #expect(numbering.rejection(of: .max, after: 1).detail.contains("the server counts them"))
    #expect(numbering.number(of: 0, after: 1) == 2)
  }

  @Test func numberedRequestsKeepTheirNumbers() {
    var numbering = RequestNumbering()
    #expect(numbering.number(of: .max, after: 0) == .max)
    #expect(!numbering.isCounted)
    #expect(numbering.number(of: 0, after: .max) == 0)
    #expect(numbering.rejection(of: 0, after: .max).detail.contains("then all need one"))
    #expect(numbering.rejection(of: 3, after: 5).detail == "sequence 3 is not above 5, the highest before it")
  }
}
