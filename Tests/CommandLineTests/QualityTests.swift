import MarketData
import Testing

@testable import CommandLine

/// Series whose judgement is worked out by hand.
@Suite struct QualityTests {
  private static let second: Int64 = 1_000_000_000
  private let judge = QualityJudge()

  private func tick(_ price: Double, at seconds: Double, of symbol: UInt32 = 0) {
    judge.goodTick(SymbolID(symbol), at: UnixNanos(Int64(seconds * 1e9)), price: price)
  }

  private func event(
    _ type: EventType, _ direction: Direction, at seconds: Double, price: Double = 100, of symbol: UInt32 = 0,
    session: TradingSession = .regular, _ detail: EventDetail
  ) {
    judge.event(
      MarketEvent(
        type: type, direction: direction, session: session, symbol: SymbolID(symbol), source: .tick, occurrence: 0,
        eventTime: UnixNanos(Int64(seconds * 1e9)), price: price, size: 1, significance: 1, detail: detail))
  }

  private func surge(_ direction: Direction, from base: Double, to price: Double, at seconds: Double) {
    var detail = SurgeDetail()
    detail.baselinePrice = base
    event(.surge, direction, at: seconds, price: price, .surge(detail))
  }

  private func trend(_ direction: Direction, at seconds: Double, horizon: Int64 = 120, price: Double = 100) {
    var detail = TrendDetail()
    detail.horizonNanos = horizon * Self.second
    event(.trend, direction, at: seconds, price: price, .trend(detail))
  }

  private func cross(_ direction: Direction, at seconds: Double, of symbol: UInt32 = 0) {
    event(.vwapCross, direction, at: seconds, of: symbol, .vwap(VwapDetail()))
  }

  private func quarantine(confirmed: Bool, suppressed: UInt64 = 0) {
    var detail = QuarantineDetail()
    detail.confirmed = confirmed
    detail.suppressed = suppressed
    event(.quarantine, confirmed ? .up : .flat, at: 1, .quarantine(detail))
  }

  @Test func eventsCountBySessionAndHourOfUTC() {
    cross(.up, at: 3_599)
    cross(.down, at: 3_600)
    event(.vwapCross, .up, at: 86_400 * 3 + 7_200, session: .post, .vwap(VwapDetail()))
    event(.high, .up, at: -1, .highLow(HighLowDetail()))
    #expect(
      judge.tally.hours == [
        .init(type: .vwapCross, session: .regular, hour: 0): 1, .init(type: .vwapCross, session: .regular, hour: 1): 1,
        .init(type: .vwapCross, session: .post, hour: 2): 1, .init(type: .high, session: .regular, hour: 23): 1,
      ])
    #expect(judge.tally.events(.vwapCross, in: .regular) == 2 && judge.tally[.vwapCross].events == 3)
  }

  @Test func aCrossFlipsByAnOppositeOneOfItsSymbolWithinTenSeconds() {
    cross(.up, at: 100)
    cross(.down, at: 105, of: 1)
    #expect(judge.tally[.vwapCross].flipped == 0)
    cross(.down, at: 110)
    #expect(judge.tally[.vwapCross].flipped == 1)
    cross(.up, at: 120.001)
    #expect(judge.tally[.vwapCross].flipped == 1)
  }

  @Test func trendsFlipByHorizon() {
    trend(.up, at: 100)
    trend(.down, at: 101, horizon: 600)
    #expect(judge.tally[.trend].flipped == 0)
    trend(.flat, at: 105)
    trend(.up, at: 130)
    trend(.up, at: 131, horizon: 600)
    #expect(judge.tally[.trend].flipped == 1 && judge.tally[.trend].events == 5)
  }

  /// The fifth print after a surge decides, and those of other symbols do not count.
  @Test func aSurgeIsTakenBackWhereTheFifthPrintIsAtItsStart() {
    surge(.up, from: 100, to: 102, at: 10)
    for price in [99.0, 99, 99, 99] { tick(price, at: 10) }
    tick(99, at: 10, of: 1)
    #expect(judge.tally[.surge].surgesJudged == 0)
    tick(100.01, at: 10)
    // 0.01 of 2 is left: more than half is lost, not all.
    #expect(judge.tally[.surge].surgesJudged == 1)
    #expect(judge.tally[.surge].takenBack == 0 && judge.tally[.surge].halfTakenBack == 1)
    surge(.down, from: 100, to: 98, at: 20)
    for _ in 0..<5 { tick(100, at: 20) }
    #expect(judge.tally[.surge].takenBack == 1 && judge.tally[.surge].halfTakenBack == 2)
    surge(.down, from: 100, to: 98, at: 30)
    for _ in 0..<5 { tick(99, at: 30) }
    // Half is not more than half.
    #expect(judge.tally[.surge].surgesJudged == 3)
    #expect(judge.tally[.surge].takenBack == 1 && judge.tally[.surge].halfTakenBack == 2)
  }

  /// The price of a moment is that of the last good tick at or before it, known once a later one comes.
  @Test func theWayOnIsMeasuredInTheEventsDirection() throws {
    tick(100, at: 0)
    trend(.down, at: 0, price: 100)
    tick(99, at: 5)
    #expect(judge.tally[.trend].moves.map(\.count) == [0, 0, 0])
    tick(103, at: 5.001)
    #expect(judge.tally[.trend].moves.map(\.count) == [1, 0, 0])
    tick(90, at: 601)
    #expect(judge.tally[.trend].moves.map(\.count) == [1, 1, 1])
    let moves = try judge.tally[.trend].moves.map { try #require($0.quantile(0.5)) }
    for (move, right) in zip(moves, [1.0, -3, -3]) { #expect(abs(move - right) <= 0.01 * abs(right)) }
    // FLAT goes nowhere.
    trend(.flat, at: 700)
    tick(1, at: 2_000)
    #expect(judge.tally[.trend].moves.map(\.count) == [1, 1, 1])
  }

  @Test func anOlderTickCountsAtTheNewestTime() {
    trend(.up, at: 100)
    tick(100, at: 106)
    trend(.up, at: 106, horizon: 600)
    tick(100, at: 103)
    tick(100, at: 111)
    #expect(judge.tally[.trend].moves.map(\.count) == [1, 0, 0])
  }

  @Test func aRunIsConfirmedOnce() {
    quarantine(confirmed: false)
    quarantine(confirmed: false)
    quarantine(confirmed: true)
    // Of a run whose beginning was not announced.
    quarantine(confirmed: true)
    quarantine(confirmed: false)
    quarantine(confirmed: true, suppressed: 2)
    let tally = judge.tally[.quarantine]
    #expect(tally.events == 6 && tally.runs == 3 && tally.confirmed == 1)
  }

  @Test func quartilesAreByNearestRank() throws {
    var spread = MoveSpread()
    #expect(spread.quantile(0.5) == nil)
    for percent in [-4.0, 3, 0, 0.2, 1, -0.00001, 7] { spread.add(percent) }
    // Sorted: -4, 0, 0, 0.2, 1, 3, 7; ranks 2, 4 and 6.
    let found = try [0.25, 0.5, 0.75, 1].map { try #require(spread.quantile($0)) }
    #expect(found[0] == 0)
    for (value, right) in zip(found.dropFirst(), [0.2, 3, 7]) { #expect(abs(value - right) <= 0.01 * right) }
    #expect(abs(try #require(spread.quantile(0.01)) + 4) <= 0.04)
    for percent in [1e300, -1e300, .infinity] { spread.add(percent) }
    #expect(spread.count == 10)
  }

  /// Ten thousand surges at one moment are followed in bounded memory; those beyond are counted, and not judged.
  @Test func tooManyAtOnceAreNotFollowed() {
    for _ in 0..<10_000 { surge(.up, from: 1, to: 2, at: 1) }
    for _ in 0..<5 { tick(2, at: 2) }
    #expect(judge.tally[.surge].events == 10_000 && judge.tally[.surge].surgesJudged == 1_024)
  }

  @Test func tablesAndJSONTellTheSame() {
    #expect(QualityReport.lines(QualityTally()) == ["no events"])
    surge(.up, from: 100, to: 101, at: 10)
    for second in 11...15 { tick(99, at: Double(second)) }
    tick(102.01, at: 16)
    tick(1, at: 700)
    cross(.up, at: 700)
    cross(.down, at: 710)
    let lines = QualityReport.lines(judge.tally).map { $0.split(separator: " ").joined(separator: " ") }
    #expect(lines.contains("SURGE 1 1 0 of 1 (0 %) 1 of 1 (100 %) 1 of 1 (100 %)"))
    #expect(lines.contains("VWAP_CROSS 2 2 1 of 2 (50 %)"))
    #expect(lines.contains { $0.hasPrefix("SURGE 1m 1 +1.0") })
    #expect(lines.contains("REGULAR 00 1 2"))
    let json = QualityReport.json(judge.tally, digest: [1, 255], settings: "a")
    #expect(json.hasPrefix(#"{"quality":{"settings":"a","events":3,"types":[{"type":"SURGE","events":1,"flipped":0,"#))
    #expect(json.contains(#""taken_back":{"judged":1,"all":1,"more_than_half":1}"#))
    #expect(
      json.contains(
        #"{"type":"VWAP_CROSS","events":2,"flipped":1,"hours":[{"session":"REGULAR","hour":0,"events":2}]}"#))
    #expect(json.hasSuffix(#""digest":"01ff"}}"#))
  }
}
