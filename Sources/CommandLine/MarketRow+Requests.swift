internal import DataFiles
internal import WireCodec

extension MarketRow {
  /// How a request holds its ticks; bars and fair values come in batches only.
  enum Form {
    case batch, columns
  }

  /// One request of rows that are all of one kind.
  static func request(_ rows: [MarketRow], like first: MarketRow, sequence: UInt64, _ form: Form) -> [UInt8] {
    switch (first, form) {
    case (.tick(let row), .batch) where rows.count == 1: ClientRequests.publish(ClientTick(row), sequence: sequence)
    case (.tick, .batch): ClientRequests.publish(batch: rows.compactMap(\.clientTick), sequence: sequence)
    case (.tick, .columns): ClientRequests.publish(columns: rows.compactMap(\.clientTick), sequence: sequence)
    case (.bar, _): ClientRequests.publish(bars: rows.compactMap(\.clientBar), sequence: sequence)
    case (.fairValue, _):
      ClientRequests.publish(fairValues: rows.compactMap(\.clientFairValue), sequence: sequence)
    }
  }

  func isLike(_ other: MarketRow) -> Bool {
    switch (self, other) {
    case (.tick, .tick), (.bar, .bar), (.fairValue, .fairValue): true
    default: false
    }
  }

  private var clientTick: ClientTick? {
    guard case .tick(let row) = self else { return nil }
    return ClientTick(row)
  }

  private var clientBar: ClientBar? {
    guard case .bar(let row) = self else { return nil }
    return ClientBar(
      symbol: row.symbol, startNanos: row.startNanos, durationNanos: row.durationNanos, open: row.open, high: row.high,
      low: row.low, close: row.close, volume: row.volume, vwap: row.vwap, trades: row.trades,
      isPartial: row.isPartial)
  }

  private var clientFairValue: ClientFairValue? {
    guard case .fairValue(let row) = self else { return nil }
    return ClientFairValue(
      symbol: row.symbol, timestampNanos: row.timestampNanos, fairValue: row.fairValue, marketPrice: row.marketPrice,
      confidence: row.confidence, model: row.model)
  }
}

extension MarketReader.Kind {
  var words: String {
    switch self {
    case .ticks: "ticks"
    case .bars: "bars"
    case .fairValues: "fair values"
    }
  }
}

extension ClientTick {
  init(_ row: TickRow) {
    self.init(
      symbol: row.symbol, timestampNanos: row.timestampNanos, price: row.price, size: row.size,
      conditions: row.conditions)
  }
}
