/// `grpc-timeout`: at most eight digits and a unit (gRPC over HTTP/2, "Requests").
enum Timeout {
  /// Nanoseconds, saturating; nil when malformed.
  static func parse(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 2, bytes.count <= 9, let unit = bytes.last else { return nil }
    var count: Int64 = 0
    for digit in bytes.dropLast() {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      count = count * 10 + Int64(digit - UInt8(ascii: "0"))
    }
    let scale: Int64
    switch unit {
    case UInt8(ascii: "H"): scale = 3_600_000_000_000
    case UInt8(ascii: "M"): scale = 60_000_000_000
    case UInt8(ascii: "S"): scale = 1_000_000_000
    case UInt8(ascii: "m"): scale = 1_000_000
    case UInt8(ascii: "u"): scale = 1_000
    case UInt8(ascii: "n"): scale = 1
    default: return nil
    }
    let (nanos, overflow) = count.multipliedReportingOverflow(by: scale)
    return overflow ? .max : nanos  // 99,999,999 hours are beyond 292 years
  }

  /// The finest unit whose count has at most eight digits, rounded up so that the peer never gives up before us.
  static func format(_ nanos: Int64) -> String {
    let units: [(scale: Int64, name: String)] = [
      (1, "n"), (1_000, "u"), (1_000_000, "m"), (1_000_000_000, "S"), (60_000_000_000, "M"), (3_600_000_000_000, "H"),
    ]
    let nanos = max(nanos, 0)
    for unit in units {
      let count = nanos / unit.scale + (nanos % unit.scale == 0 ? 0 : 1)
      if count <= 99_999_999 { return "\(count)\(unit.name)" }
    }
    return "99999999H"
  }
}
