// Bars and fair values as clients send them.

/// One bar as a client sends it.
package struct ClientBar: Equatable, Sendable {
  package var symbol: String
  package var startNanos: Int64
  package var durationNanos: Int64
  package var open: Double
  package var high: Double
  package var low: Double
  package var close: Double
  package var volume: Double
  /// 0 = not given.
  package var vwap: Double
  package var trades: UInt64
  /// Not the bar's last version.
  package var isPartial: Bool

  package init(
    symbol: String, startNanos: Int64, durationNanos: Int64, open: Double, high: Double, low: Double, close: Double,
    volume: Double, vwap: Double = 0, trades: UInt64 = 0, isPartial: Bool = false
  ) {
    self.symbol = symbol
    self.startNanos = startNanos
    self.durationNanos = durationNanos
    self.open = open
    self.high = high
    self.low = low
    self.close = close
    self.volume = volume
    self.vwap = vwap
    self.trades = trades
    self.isPartial = isPartial
  }
}

/// One fair value as a client sends it.
package struct ClientFairValue: Equatable, Sendable {
  package var symbol: String
  package var timestampNanos: Int64
  package var fairValue: Double
  /// 0 = the last tick price counts.
  package var marketPrice: Double
  /// 0 = not given.
  package var confidence: Double
  package var model: String

  package init(
    symbol: String, timestampNanos: Int64, fairValue: Double, marketPrice: Double = 0, confidence: Double = 0,
    model: String = ""
  ) {
    self.symbol = symbol
    self.timestampNanos = timestampNanos
    self.fairValue = fairValue
    self.marketPrice = marketPrice
    self.confidence = confidence
    self.model = model
  }
}

extension ClientRequests {
  package static func publish(bars: some Sequence<ClientBar>, sequence: UInt64) -> [UInt8] {
    var writer = WireWriter()
    writer.unsigned(1, sequence)
    writer.message(6) { batch in
      for bar in bars { batch.message(1) { encode(bar, &$0) } }
    }
    return writer.bytes
  }

  package static func publish(fairValues values: some Sequence<ClientFairValue>, sequence: UInt64) -> [UInt8] {
    var writer = WireWriter()
    writer.unsigned(1, sequence)
    writer.message(7) { batch in
      for value in values { batch.message(1) { encode(value, &$0) } }
    }
    return writer.bytes
  }

  private static func encode(_ bar: ClientBar, _ writer: inout WireWriter) {
    writer.text(1, bar.symbol)
    writer.fixed(2, bar.startNanos)
    writer.fixed(3, bar.durationNanos)
    writer.double(4, bar.open)
    writer.double(5, bar.high)
    writer.double(6, bar.low)
    writer.double(7, bar.close)
    writer.double(8, bar.volume)
    writer.double(9, bar.vwap)
    writer.unsigned(10, bar.trades)
    writer.boolean(11, bar.isPartial)
  }

  private static func encode(_ value: ClientFairValue, _ writer: inout WireWriter) {
    writer.text(1, value.symbol)
    writer.fixed(2, value.timestampNanos)
    writer.double(3, value.fairValue)
    writer.double(4, value.marketPrice)
    writer.double(5, value.confidence)
    writer.text(6, value.model)
  }
}
