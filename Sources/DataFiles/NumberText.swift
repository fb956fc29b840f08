/// Numbers as files write them: decimal, with a point. What else `Double` reads (`0x1p3`, `nan`, `inf`) is none.
enum NumberText {
  static func double(_ text: Substring) -> Double? {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        continue
      default: return nil
      }
    }
    guard let value = Double(text), value.isFinite else { return nil }
    return value
  }

  /// A number of units in nanoseconds, exactly; what lies below a nanosecond is cut off.
  static func nanos(_ text: Substring, _ unit: TimeUnit) -> Int64? {
    var whole = text
    var fraction: Substring = ""
    if let point = text.firstIndex(of: ".") {
      whole = text[..<point]
      fraction = text[text.index(after: point)...]
    }
    guard let value = Int64(whole), value >= 0, fraction.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    let (product, overflow) = value.multipliedReportingOverflow(by: unit.nanos)
    var part: Int64 = 0
    var weight = unit.nanos / 10
    for digit in fraction.utf8.prefix(9) {
      part += Int64(digit - 48) * weight
      weight /= 10
    }
    let (sum, beyond) = product.addingReportingOverflow(part)
    return overflow || beyond ? nil : sum
  }

  /// The whole part of a number written with digits and at most one point.
  static func whole(_ text: Substring) -> Int64? {
    guard let first = text.utf8.first, (48...57).contains(first) else { return nil }
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 1 || parts[1].utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int64(parts[0])
  }
}
