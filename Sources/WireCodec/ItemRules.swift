internal import MarketData

/// What makes an item good, and the words for what makes it bad.
///
/// - Source: contract.md, "market_data.proto" and "`RejectionCode`".
enum ItemRules {
  static let modelBytesMax = 32

  static func problem(symbol: UnsafeRawBufferPointer) -> String? {
    SymbolRules.problem(symbol.bindMemory(to: UInt8.self).span).map { "symbol \($0)" }
  }

  /// Whether `problem(price:size:time:)` finds none, in a third of the instructions.
  @inline(__always)
  static func isGood(price: Double, size: Double, time: Int64) -> Bool {
    // The bits of doubles from +0 on rise with their value; infinity, NaN and all negative ones lie above the finite. −0 + 0 is +0.
    let infinity = Double.infinity.bitPattern
    return price.bitPattern &- 1 < infinity &- 1 && (size + 0).bitPattern < infinity && time > 0
  }

  static func problem(price: Double, size: Double, time: Int64) -> (RejectionCode, String)? {
    if !(price > 0 && price < .infinity) { return (.badPrice, "price is \(price); must be > 0 and finite") }
    if !(size >= 0 && size < .infinity) { return (.badSize, "size is \(size); must be >= 0 and finite") }
    if time <= 0 { return (.badTimestamp, "timestamp_ns is \(time); must be > 0") }
    return nil
  }

  static func problem(bar: BarNumbers) -> String? {
    for (name, value) in [("open", bar.open), ("high", bar.high), ("low", bar.low), ("close", bar.close)]
    where !(value > 0 && value < .infinity) {
      return "\(name) is \(value); must be > 0 and finite"
    }
    if bar.low > bar.open || bar.low > bar.close { return "low \(bar.low) is above open or close" }
    if bar.high < bar.open || bar.high < bar.close { return "high \(bar.high) is below open or close" }
    if !(bar.volume >= 0 && bar.volume < .infinity) { return "volume is \(bar.volume); must be >= 0 and finite" }
    if !(bar.vwap >= 0 && bar.vwap < .infinity) { return "vwap is \(bar.vwap); must be >= 0 and finite" }
    if bar.durationNanos <= 0 { return "duration_ns is \(bar.durationNanos); must be > 0" }
    return nil
  }

  struct BarNumbers {
    var durationNanos: Int64
    var open: Double
    var high: Double
    var low: Double
    var close: Double
    var volume: Double
    var vwap: Double
  }

  static func problem(
    fairValue: Double, marketPrice: Double, confidence: Double, model: UnsafeRawBufferPointer
  ) -> String? {
    if !(fairValue > 0 && fairValue < .infinity) { return "fair_value is \(fairValue); must be > 0 and finite" }
    if !(marketPrice >= 0 && marketPrice < .infinity) {
      return "market_price is \(marketPrice); must be >= 0 and finite"
    }
    if !(confidence >= 0 && confidence <= 1) { return "confidence is \(confidence); must be from 0 to 1" }
    if model.count > modelBytesMax { return "model has \(model.count) bytes; must be at most \(modelBytesMax)" }
    if !model.allSatisfy({ (0x20...0x7E).contains($0) }) { return "model must be printable ASCII" }
    return nil
  }

  /// The words for what the resolver says of a good symbol.
  static func detail(of code: RejectionCode, symbol: UnsafeRawBufferPointer) -> String {
    let name = String(decoding: symbol, as: UTF8.self)
    return switch code {
    case .noChannel: "'\(name)' goes nowhere: no channel takes this kind of item, or no profile matches the symbol"
    case .tooManySymbols: "'\(name)' is beyond limits.max_symbols"
    default: "'\(name)'"
    }
  }
}
