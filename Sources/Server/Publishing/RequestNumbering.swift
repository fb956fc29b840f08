internal import MarketData
internal import WireCodec

/// How a stream's requests are numbered: by the client, strictly rising, or, where the first one brings 0, by the server from 1.
struct RequestNumbering {
  private enum Kind {
    case unknown
    case counted
    case numbered
  }

  private var kind = Kind.unknown

  /// No request has come yet.
  var isUnknown: Bool { kind == .unknown }
  /// Every request had sequence 0: the server counts.
  var isCounted: Bool { kind == .counted }

  /// A request's number; it counts only where it is above `highest`. One that is numbered otherwise than the stream's first is not.
  mutating func number(of given: UInt64, after highest: UInt64) -> UInt64 {
    if isUnknown { kind = given == 0 ? .counted : .numbered }
    switch kind {
    // 2^64 - 1 requests do not come.
    case .counted: return given == 0 ? highest &+ 1 : 0
    case .numbered, .unknown: return given
    }
  }

  /// Why a request is not taken.
  func rejection(of given: UInt64, after highest: UInt64) -> ItemRejection {
    let detail =
      switch (isCounted, given) {
      case (true, 1...): "sequence is \(given), but the first request of this stream had none: the server counts them"
      case (false, 0): "sequence is 0, but the first request of this stream had one: then all need one"
      default: "sequence \(given) is not above \(highest), the highest before it"
      }
    return ItemRejection(index: 0, code: .sequenceRegression, detail: detail)
  }
}
