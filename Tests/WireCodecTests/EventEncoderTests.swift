import Channels
import Events
import Foundation
import MarketData
import Testing
import WireCodec

@Suite struct EventEncoderTests {
  private static func details() -> [(String, EventDetail)] {
    var highLow = HighLowDetail()
    highLow.previousAnchor = 1.5
    highLow.count = 3
    highLow.reversal = true
    highLow.sinceOppositeNanos = -1
    highLow.trend = .down
    highLow.surge = .flat
    highLow.extremeTime = UnixNanos(77)
    highLow.dayHigh = 2.5
    highLow.dayLow = 1.25
    var trend = TrendDetail()
    trend.horizonNanos = 120
    trend.previous = .flat
    var surge = SurgeDetail()
    surge.zScore = -4.5
    surge.count = 2
    var quarantine = QuarantineDetail()
    quarantine.run = 5
    quarantine.suppressed = 300
    quarantine.confirmed = true
    var valuation = ValuationDetail()
    valuation.state = .overvalued
    var gap = GapDetail()
    gap.acrossSessions = true
    return [
      ("high_low", .highLow(highLow)), ("trend", .trend(trend)), ("surge", .surge(surge)),
      ("move", .move(MoveDetail())),
      ("volume_spike", .volumeSpike(VolumeSpikeDetail())), ("gap", .gap(gap)), ("valuation", .valuation(valuation)),
      (
        "bar_closed",
        .barClosed(
          Bar(
            symbol: SymbolID(0), start: UnixNanos(9), durationNanos: 60, open: 1, high: 2, low: 1, close: 2, volume: 3,
            vwap: 0, tradeCount: 4))
      ),
      ("quarantine", .quarantine(quarantine)), ("vwap", .vwap(VwapDetail())),
      ("range_break", .rangeBreak(RangeBreakDetail())),
    ]
  }

  private func event(_ detail: EventDetail) -> MarketEvent {
    var event = MarketEvent(
      type: .quarantine, direction: .flat, session: .regular, symbol: SymbolID(0), source: .tick, occurrence: 2,
      eventTime: UnixNanos(1_381_392_450_560_000_000), price: 166.49, size: 100, significance: 25.7, detail: detail)
    event.receivedTime = UnixNanos(11)
    event.detectedTime = UnixNanos(12)
    event.configVersion = 1
    event.channel = 1
    return event
  }

  /// What protobuf-c reads back is what was written, for every detail.
  private static func table(_ names: String...) -> NameTable {
    let table = NameTable(capacity: 4)
    for name in names { _ = table.number(adding: name) }
    return table
  }

  @Test func whoNamesNoModelTakesNoPlace() {
    let models = ModelTable(limit: 1)
    #expect(models.number(adding: "dcf") == 1)
    #expect(models.number(adding: "curve") == nil)
    #expect(models.number(adding: "") == 0)
    #expect(models.name(of: 0) == "" && models.name(of: 1) == "dcf")
  }

  @Test func everyDetailSurvivesTheWire() throws {
    let symbols = SymbolTable(capacity: 4)
    _ = symbols.id(adding: "BRK.B")
    let models = ModelTable(limit: 2)
    #expect(models.number(adding: "dcf") == 1 && models.number(adding: "curve") == 2)
    let encoder = ProtobufEventEncoder(symbols: symbols, channels: Self.table("one", "two"), models: models)
    for (key, detail) in Self.details() {
      var framed: [UInt8] = []
      encoder.frame(event(detail), sequence: 300, sequencedTime: UnixNanos(13), into: &framed)
      let response = SubscribeResponses.events(framed: framed, subscriptionID: "me")
      guard case .events(let events)? = ResponseDecoder().subscribeResponse(response.span.bytes, withJSON: true) else {
        Issue.record("\(key) is not read back")
        continue
      }
      let read = try #require(events.first)
      #expect(read.sequence == 300)
      #expect(read.id == "BRK.B/tick/QUARANTINE/1381392450560000000/2")
      #expect(read.symbol == "BRK.B")
      #expect(read.channel == "two")
      #expect(read.receivedNanos == 11)
      #expect(read.sequencedNanos == 13)
      let json = try #require(JSONSerialization.jsonObject(with: Data(read.json.utf8)) as? [String: Any])
      #expect(json["type"] as? String == "QUARANTINE")
      #expect(json["session"] as? String == "REGULAR")
      #expect(json["price"] as? Double == 166.49)
      #expect(json["rules_version"] as? Int == 2)
      #expect(json[key] is [String: Any], "\(key) is missing in \(read.json)")
    }
  }

  @Test func theDetailsFieldsStandUnderTheirNumbers() throws {
    let symbols = SymbolTable(capacity: 4)
    _ = symbols.id(adding: "A")
    var bytes: [UInt8] = []
    ProtobufEventEncoder(symbols: symbols, channels: Self.table("c"), models: ModelTable(limit: 1))
      .frame(event(Self.details()[0].1), sequence: 1, sequencedTime: UnixNanos(13), into: &bytes)
    let response = SubscribeResponses.events(framed: bytes, subscriptionID: "")
    guard case .events(let events)? = ResponseDecoder().subscribeResponse(response.span.bytes, withJSON: true) else {
      return #expect(Bool(false))
    }
    #expect(
      events[0].json.contains(
        "\"high_low\":{\"previous_anchor\":1.5,\"session_open\":0.0,\"session_high\":0.0,\"session_low\":0.0,\"percent_from_open\":0.0,\"count\":3,\"reversal\":true,\"since_opposite_ns\":-1,\"trend\":\"DOWN\",\"surge\":\"FLAT\",\"relative_volume\":0.0,\"extreme_ns\":77,\"day_high\":2.5,\"day_low\":1.25}"
      ))
  }

  @Test func idsNameTheirSource() {
    var event = event(.move(MoveDetail()))
    event.source = .bar(durationNanos: 60)
    #expect(ProtobufEventEncoder.id(of: event, symbol: "A").hasPrefix("A/bar:60/"))
    event.source = .barWindow(durationNanos: 60, windowNanos: 300)
    #expect(ProtobufEventEncoder.id(of: event, symbol: "A").hasPrefix("A/bar:60:300/"))
    event.source = .fairMarketValue
    #expect(ProtobufEventEncoder.id(of: event, symbol: "A").hasPrefix("A/fmv/"))
  }

  @Test func acknowledgementsSurviveTheWire() {
    var acknowledgement = Acknowledgement()
    acknowledgement.ackedSequence = 1 << 40
    acknowledgement.accepted = 5
    acknowledgement.rejected = 2
    acknowledgement.late = 1
    acknowledgement.quarantined = 3
    acknowledgement.duplicates = 4
    acknowledgement.outOfSession = 6
    acknowledgement.dropped = 7
    acknowledgement.resumeSequence = 8
    acknowledgement.blockedBy = Acknowledgement.Blocked(channel: "ticks-1", reason: "full")
    acknowledgement.rejections = [
      Acknowledgement.Rejection(sequence: 9, index: 3, code: .badPrice, detail: "price is -1")
    ]
    let bytes = acknowledgement.encoded
    #expect(ResponseDecoder().acknowledgement(bytes.span.bytes) == acknowledgement)
  }

  @Test func subscribeRequestsSurviveTheWire() throws {
    var request = SubscriptionRequest()
    request.symbols = ["A", "B*"]
    request.types = [1, 10]
    request.channels = ["one"]
    request.minSignificance = 12.5
    request.start = .sequence(0)
    request.slowConsumer = 3
    request.maxQueue = 10
    request.heartbeatMillis = 500
    request.directions = [2]
    request.sessions = [4, 5]
    request.endWhenCaughtUp = true
    request.logID = "log"
    request.subscriptionID = "me"
    let bytes = ClientRequests.subscribe(request)
    #expect(try RequestDecoder().subscribe(bytes.span.bytes) == request)
    request.start = .time(UnixNanos(-3))
    let other = ClientRequests.subscribe(request)
    #expect(try RequestDecoder().subscribe(other.span.bytes) == request)
  }

  @Test func subscribeResponsesSurviveTheWire() {
    let decoder = ResponseDecoder()
    let missed = SubscribeResponses.missed(first: 1, last: 9, reason: .noLongerKept, subscriptionID: "")
    #expect(decoder.subscribeResponse(missed.span.bytes) == .missed(first: 1, last: 9, reason: "NO_LONGER_KEPT"))
    let heartbeat = SubscribeResponses.heartbeat(
      last: 4, serverTime: UnixNanos(5), watermark: UnixNanos(6), logID: "log", subscriptionID: "")
    #expect(
      decoder.subscribeResponse(heartbeat.span.bytes)
        == .heartbeat(last: 4, serverTime: UnixNanos(5), watermark: UnixNanos(6), logID: "log"))
    let caughtUp = SubscribeResponses.caughtUp(last: 0, logID: "log", subscriptionID: "")
    #expect(decoder.subscribeResponse(caughtUp.span.bytes) == .caughtUp(last: 0, logID: "log"))
    #expect(decoder.subscribeResponse([0xFF as UInt8].span.bytes) == nil)
  }

  @Test func sessionFramesAreTold() throws {
    let decoder = RequestDecoder()
    let request = ClientRequests.publish(ClientTick(symbol: "A", timestampNanos: 1, price: 1, size: 1), sequence: 1)
    let frame = [0x0A] + varint(request.count) + request
    #expect(decoder.publishRange(frame.span.bytes) == 2..<frame.count)
    #expect(try decoder.clientFrame([0x1A as UInt8, 0].span.bytes) == .unsubscribe)
    #expect(try decoder.clientFrame([0x22 as UInt8, 2, 0x08, 100].span.bytes) == .watchMetrics(intervalMillis: 100))
    #expect(try decoder.clientFrame([0x2A as UInt8, 2, 0x08, 7].span.bytes) == .ping(token: 7))
    #expect(try decoder.clientFrame([0x32 as UInt8, 0].span.bytes) == .stopMetrics)
    #expect(try decoder.clientFrame([UInt8]().span.bytes) == .unknown)
    #expect(throws: DecodeError.self) { try decoder.clientFrame([0xFF as UInt8].span.bytes) }
  }

  private func varint(_ value: Int) -> [UInt8] {
    value < 128 ? [UInt8(value)] : [UInt8(value & 127) | 128] + varint(value >> 7)
  }
}
