/// `grpc-message`: bytes of UTF-8 outside 0x20…0x7E, `%`, and spaces at the ends, which no header may have, as `%XX` (gRPC over HTTP/2,
/// "Responses").
enum PercentCoding {
  static func encode(_ message: some StringProtocol) -> String {
    let space = UInt8(ascii: " ")
    let bytes = Array(message.utf8)
    if bytes.allSatisfy({ isPlain($0) }), bytes.first != space, bytes.last != space { return String(message) }
    var out: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
      if isPlain(byte), byte != space || (index > 0 && index < bytes.count - 1) {
        out.append(byte)
      } else {
        out += [UInt8(ascii: "%"), hexDigit(byte >> 4), hexDigit(byte & 15)]
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// The same, of as much of the message as fits `limit` bytes, with an ellipsis where it was cut.
  static func encode(_ message: String, limit: Int) -> String {
    if message.utf8.count <= limit {
      let whole = encode(message)
      if whole.utf8.count <= limit { return whole }
    }
    // No scalar takes less than a byte: what a client has made us echo may be megabytes.
    var kept = Substring(String(String.UnicodeScalarView(message.unicodeScalars.prefix(limit))))
    while encode(kept + "…").utf8.count > limit { kept = kept.dropLast(max(1, kept.count / 8)) }
    return encode(kept + "…")
  }

  /// Lenient, as the specification asks: what is no valid escape stays as it is.
  static func decode(_ text: String) -> String {
    let bytes = Array(text.utf8)
    guard bytes.contains(UInt8(ascii: "%")) else { return text }
    var out: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = value(bytes[index + 1]),
        let low = value(bytes[index + 2])
      {
        out.append(high << 4 | low)
        index += 3
      } else {
        out.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  private static func isPlain(_ byte: UInt8) -> Bool { byte >= 0x20 && byte <= 0x7E && byte != UInt8(ascii: "%") }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
