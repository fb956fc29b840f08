internal import MarketData

/// What makes an item good, and the words for what makes it bad.
///
/// - Source: contract.md, "market_data.proto" and "`RejectionCode`".
enum ItemRules {
  static let modelBytesMax = 32

  static func problem(symbol: UnsafeRawBufferPointer) -> String? {
    SymbolRules.problem(symbol.bindMemory(to: UInt8.self).span).map { "symbol \($0)" }
  }

  /// Bounds of what detectors compute with: sums and squares of such numbers stay finite, and no market comes near them.
  static let priceMax = 1e15
  static let sizeMax = 1e18
  /// 1971-01-01T00:00:00Z. Times before it are times in another unit.
  static let timeMin: Int64 = 31_536_000_000_000_000
  /// That open and close lie between low and high is judged with so much of them, for rounding.
  private static let barSlack = 1e-9

  /// Whether time, price and size are within their bounds, in a third of the instructions that naming a problem takes.
  @inline(__always)
  static func isGood(price: Double, size: Double, time: Int64) -> Bool {
    // The bits of doubles from +0 on rise with their value; infinity, NaN and all negative ones lie above the finite. −0 + 0 is +0.
    price.bitPattern &- 1 < priceMax.bitPattern && (size + 0).bitPattern <= sizeMax.bitPattern && time >= timeMin
  }

  /// Of a time that is too early; the unit is named in which it would be one of our days.
  static func problem(time: Int64, _ field: String) -> String? {
    guard time < timeMin else { return nil }
    let seconds = floorDivide(time, 1_000_000_000)
    let date = CivilDate(daysSinceEpoch: Int(floorDivide(seconds, 86_400)))
    let minute = Int((seconds - floorDivide(seconds, 86_400) * 86_400) / 60)
    let words = "\(CalendarText.describe(date))T\(CalendarText.describe(minutes: minute))Z"
    // 1971 to 2100, in seconds.
    let plausible: ClosedRange<Int64> = 31_536_000...4_102_444_800
    let units: [(name: String, aSecond: Int64)] = [
      ("seconds", 1), ("milliseconds", 1_000), ("microseconds", 1_000_000),
    ]
    let unit = units.first { plausible.contains(floorDivide(time, $0.aSecond)) }
    let question = unit.map { "; are these \($0.name)? It takes nanoseconds" } ?? ""
    return "\(field) is \(time), \(words); must be 1971-01-01T00:00Z or later\(question)"
  }

  static func problem(price: Double, size: Double) -> (RejectionCode, String)? {
    if let words = problem(ofPrice: price, "price") { return (.badPrice, words) }
    if let words = problem(ofSize: size, "size") { return (.badSize, words) }
    return nil
  }

  private static func problem(ofPrice price: Double, _ name: String) -> String? {
    price > 0 && price <= priceMax ? nil : "\(name) is \(price); must be > 0 and at most 1e15"
  }

  private static func problem(ofSize size: Double, _ name: String) -> String? {
    size >= 0 && size <= sizeMax ? nil : "\(name) is \(size); must be >= 0 and at most 1e18"
  }

  static func problem(bar: BarNumbers) -> String? {
    for (name, value) in [("open", bar.open), ("high", bar.high), ("low", bar.low), ("close", bar.close)] {
      if let words = problem(ofPrice: value, name) { return words }
    }
    for (name, value) in [("open", bar.open), ("close", bar.close)] {
      if bar.low - value > barSlack * value { return "low \(bar.low) is above \(name) \(value)" }
      if value - bar.high > barSlack * value { return "high \(bar.high) is below \(name) \(value)" }
    }
    if let words = problem(ofSize: bar.volume, "volume") { return words }
    if !(bar.vwap >= 0 && bar.vwap <= priceMax) { return "vwap is \(bar.vwap); must be >= 0 and at most 1e15" }
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
    if let words = problem(ofPrice: fairValue, "fair_value") { return words }
    if !(marketPrice >= 0 && marketPrice <= priceMax) {
      return "market_price is \(marketPrice); must be >= 0 and at most 1e15"
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
