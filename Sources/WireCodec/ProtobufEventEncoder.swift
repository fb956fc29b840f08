internal import Events
package import MarketData

/// Writes `Event` messages.
///
/// - Cost: a table look-up for the symbol's text and one pass over the fields; no protobuf-c. A test holds it equal to protobuf-c's packing.
package struct ProtobufEventEncoder: EventEncoder {
  private let symbols: SymbolTable
  private let channels: NameTable
  private let models: ModelTable

  /// - Parameters:
  ///   - channels: names by number.
  ///   - models: of fair values, by number.
  package init(symbols: SymbolTable, channels: NameTable, models: ModelTable) {
    self.symbols = symbols
    self.channels = channels
    self.models = models
  }

  /// Appends an `Event` as an element of `EventBatch.events`: tag, length, message.
  package func frame(_ event: MarketEvent, sequence: UInt64, sequencedTime: UnixNanos, into bytes: inout [UInt8]) {
    bytes.append(0x0A)
    let place = bytes.count
    // Nearly every event is longer than 127 bytes and shorter than 16,384: two bytes of length. Another length moves the event by a byte.
    bytes.append(0)
    bytes.append(0)
    encode(event, sequence: sequence, sequencedTime: sequencedTime, into: &bytes)
    let length = bytes.count - place - 2
    if length < 0x80 {
      bytes[place] = UInt8(length)
      bytes.remove(at: place + 1)
    } else {
      bytes[place] = UInt8(length & 0x7F) | 0x80
      var rest = length >> 7
      var last = place + 1
      while rest >= 0x80 {
        bytes[last] = UInt8(rest & 0x7F) | 0x80
        rest >>= 7
        last += 1
        bytes.insert(0, at: last)
      }
      bytes[last] = UInt8(rest)
    }
  }

  func encode(
    _ event: MarketEvent, sequence: UInt64, sequencedTime: UnixNanos, into bytes: inout [UInt8]
  ) {
    let symbol = symbols.name(of: event.symbol)
    var writer = WireWriter(appendingTo: bytes)
    bytes = []
    writer.unsigned(1, sequence)
    writer.text(2, Self.id(of: event, symbol: symbol))
    writer.enumeration(3, event.type.rawValue)
    writer.enumeration(4, event.direction.rawValue)
    writer.text(5, symbol)
    writer.text(6, channels.name(of: event.channel))
    writer.fixed(7, event.eventTime.nanoseconds)
    writer.fixed(8, event.detectedTime.nanoseconds)
    writer.double(9, event.price)
    writer.double(10, event.size)
    writer.double(11, event.significance)
    writer.enumeration(12, event.session.rawValue)
    writer.fixed(13, event.receivedTime.nanoseconds)
    writer.fixed(14, sequencedTime.nanoseconds)
    writer.unsigned(15, UInt64(event.configVersion))
    writer.unsigned(16, UInt64(rulesVersion))
    encode(event.detail, &writer)
    bytes = writer.bytes
  }

  /// What is the same on every run over the same input: all but the event's place in a log, its channel, the server's clocks and the profile's version.
  func encodeDeterministic(_ event: MarketEvent, into bytes: inout [UInt8]) {
    let symbol = symbols.name(of: event.symbol)
    var writer = WireWriter(appendingTo: bytes)
    bytes = []
    writer.text(2, Self.id(of: event, symbol: symbol))
    writer.enumeration(3, event.type.rawValue)
    writer.enumeration(4, event.direction.rawValue)
    writer.text(5, symbol)
    writer.fixed(7, event.eventTime.nanoseconds)
    writer.double(9, event.price)
    writer.double(10, event.size)
    writer.double(11, event.significance)
    writer.enumeration(12, event.session.rawValue)
    writer.unsigned(16, UInt64(rulesVersion))
    encode(event.detail, &writer)
    bytes = writer.bytes
  }

  /// `symbol/SOURCE/TYPE/timestamp_ns/n`.
  package static func id(of event: MarketEvent, symbol: String) -> String {
    let source =
      switch event.source {
      case .tick: "tick"
      case .bar(let duration): "bar:\(duration)"
      case .barWindow(let duration, let window): "bar:\(duration):\(window)"
      case .fairMarketValue: "fmv"
      }
    return "\(symbol)/\(source)/\(event.type.wireName)/\(event.eventTime.nanoseconds)/\(event.occurrence)"
  }

  private func encode(_ detail: EventDetail, _ writer: inout WireWriter) {
    switch detail {
    case .highLow(let d): writer.message(20) { encode(d, &$0) }
    case .trend(let d): writer.message(21) { encode(d, &$0) }
    case .surge(let d): writer.message(22) { encode(d, &$0) }
    case .move(let d):
      writer.message(23) {
        $0.double(1, d.movePct)
        $0.double(2, d.rangePct)
        $0.fixed(3, d.durationNanos)
      }
    case .volumeSpike(let d):
      writer.message(24) {
        $0.double(1, d.multiple)
        $0.double(2, d.meanVolume)
        $0.fixed(3, d.durationNanos)
      }
    case .gap(let d):
      writer.message(25) {
        $0.double(1, d.gapPct)
        $0.double(2, d.previousClose)
        $0.boolean(3, d.acrossSessions)
        $0.fixed(4, d.durationNanos)
      }
    case .valuation(let d): writer.message(26) { encode(d, &$0) }
    case .barClosed(let d): writer.message(27) { encode(d, &$0) }
    case .quarantine(let d):
      writer.message(28) {
        $0.double(1, d.lastGood)
        $0.double(2, d.limitPct)
        $0.boolean(3, d.confirmed)
        $0.unsigned(4, UInt64(d.run))
        $0.unsigned(5, d.suppressed)
      }
    case .vwap(let d):
      writer.message(29) {
        $0.double(1, d.vwap)
        $0.fixed(2, d.previousLastedNanos)
      }
    case .rangeBreak(let d):
      writer.message(30) {
        $0.double(1, d.rangeHigh)
        $0.double(2, d.rangeLow)
        $0.unsigned(3, UInt64(d.minutes))
      }
    }
  }

  private func encode(_ d: HighLowDetail, _ writer: inout WireWriter) {
    writer.double(1, d.previousAnchor)
    writer.double(2, d.sessionOpen)
    writer.double(3, d.sessionHigh)
    writer.double(4, d.sessionLow)
    writer.double(5, d.percentFromOpen)
    writer.unsigned(6, UInt64(d.count))
    writer.boolean(7, d.reversal)
    writer.fixed(8, d.sinceOppositeNanos)
    writer.enumeration(9, d.trend.rawValue)
    writer.enumeration(10, d.surge.rawValue)
    writer.double(11, d.relativeVolume)
    writer.fixed(12, d.extremeTime.nanoseconds)
    writer.double(13, d.dayHigh)
    writer.double(14, d.dayLow)
  }

  private func encode(_ d: TrendDetail, _ writer: inout WireWriter) {
    writer.fixed(1, d.horizonNanos)
    writer.double(2, d.movePct)
    writer.double(3, d.rSquared)
    writer.double(4, d.vScore)
    writer.enumeration(5, d.previous.rawValue)
    writer.boolean(6, d.reversal)
    writer.fixed(7, d.previousLastedNanos)
    writer.double(8, d.priceChangePct)
  }

  private func encode(_ d: SurgeDetail, _ writer: inout WireWriter) {
    writer.double(1, d.movePct)
    writer.double(2, d.zScore)
    writer.double(3, d.baselinePrice)
    writer.double(4, d.relativeVolume)
    writer.double(5, d.sigmaPct)
    writer.double(6, d.zThreshold)
    writer.double(7, d.volumeThreshold)
    writer.unsigned(8, UInt64(d.count))
  }

  private func encode(_ d: ValuationDetail, _ writer: inout WireWriter) {
    writer.double(1, d.deviationPct)
    writer.double(2, d.fairValue)
    writer.double(3, d.marketPrice)
    writer.double(4, d.confidence)
    writer.text(5, models.name(of: d.model))
    writer.enumeration(6, d.state.rawValue)
    writer.fixed(7, d.previousLastedNanos)
    writer.double(8, d.peakDeviationPct)
  }

  private func encode(_ d: Bar, _ writer: inout WireWriter) {
    writer.text(1, symbols.name(of: d.symbol))
    writer.fixed(2, d.start.nanoseconds)
    writer.fixed(3, d.durationNanos)
    writer.double(4, d.open)
    writer.double(5, d.high)
    writer.double(6, d.low)
    writer.double(7, d.close)
    writer.double(8, d.volume)
    writer.double(9, d.vwap)
    writer.unsigned(10, d.tradeCount)
    writer.boolean(12, d.isIncomplete)
  }
}
