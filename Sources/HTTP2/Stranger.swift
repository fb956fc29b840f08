/// What to say to a client whose first bytes are not HTTP/2's preface.
enum Stranger {
  /// Longest request method of a client that is answered in HTTP/1.
  private static let methodBytesMax = 20

  /// - Parameter isAll: whether more bytes may be waited for.
  static func judge(_ bytes: [UInt8], isAll mayWait: Bool) -> Opening.Outcome {
    // A TLS record of a handshake. It gets no byte: an answer in another protocol would be told as a broken TLS record.
    if bytes.first == 0x16 {
      return .stranger(answer: [], ConnectionEnd(.tls, "the client speaks TLS, which this port does not"))
    }
    let none = Opening.Outcome.stranger(
      answer: [], ConnectionEnd(.notHTTP2, "the first bytes are not HTTP/2's connection preface"))
    let method = bytes.prefix { (65...90).contains($0) }
    guard !method.isEmpty, method.count <= methodBytesMax else { return none }
    guard method.count < bytes.count else { return .waits }
    guard bytes[method.count] == 32 else { return none }
    guard let end = bytes.firstIndex(of: 10) else {
      return mayWait ? .waits : http(400, "Bad Request", "the request line is too long")
    }
    // What has begun as the preface and goes on otherwise is a broken HTTP/2 client.
    if bytes.starts(with: Array("PRI * HTTP/2.0".utf8)) { return none }
    let line = String(decoding: bytes[..<end], as: UTF8.self)
    let words = line.split(whereSeparator: \.isWhitespace)
    guard words.count == 3, words[2].hasPrefix("HTTP/") else {
      return http(400, "Bad Request", "the request line is malformed")
    }
    if words[2] == "HTTP/1.1" { return http(426, "Upgrade Required", "the client speaks HTTP/1.1") }
    return http(505, "HTTP Version Not Supported", "the client speaks another version than HTTP/1.1 and HTTP/2")
  }

  private static func http(_ code: Int, _ phrase: String, _ why: String) -> Opening.Outcome {
    let body = "This port speaks gRPC over HTTP/2 without TLS, and nothing else.\n"
    let upgrade = code == 426 ? "Upgrade: h2c\r\n" : ""
    let answer =
      "HTTP/1.1 \(code) \(phrase)\r\n\(upgrade)Connection: \(code == 426 ? "Upgrade, close" : "close")\r\n"
      + "Content-Type: text/plain; charset=utf-8\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    return .stranger(answer: Array(answer.utf8), ConnectionEnd(.http1, "\(why): answered \(code)"))
  }
}
