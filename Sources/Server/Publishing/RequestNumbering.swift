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

  /// A request's number; it counts only where it is above `highest`.
  mutating func number(of given: UInt64, after highest: UInt64) -> UInt64 {
    guard given == 0 else {
      if isUnknown { kind = .numbered }
      return given
    }
    if isUnknown { kind = .counted }
    // A numbered stream's 0 is not above what came before: it is rejected as a regression.
    return isCounted ? highest + 1 : 0
  }
}
