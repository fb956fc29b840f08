internal import MarketData

/// Dates and times as people write them: ISO 8601 and its relatives.
package struct TimeText {
  enum Problem: Error, Equatable {
    case unreadable
    /// 02/01/2024: the second of January, or the first of February.
    case ambiguousOrder
    case outOfRange
  }

  private(set) var days: Int64 = 0
  private(set) var nanosOfDay: Int64 = 0
  /// East of UTC; nil where the text does not tell.
  private(set) var offsetSeconds: Int64?
  private(set) var hasTime = false

  private static let nanosPerDay: Int64 = 86_400_000_000_000

  /// - Parameter time: the time of day, where it stands in a column of its own.
  init(_ text: Substring, time: Substring? = nil, order: DateOrder?) throws(Problem) {
    var scanner = Scanner(text)
    try scanDate(&scanner, order)
    if !scanner.isAtEnd {
      guard scanner.take(UInt8(ascii: "T")) || scanner.take(UInt8(ascii: "t")) || scanner.take(UInt8(ascii: " ")) else {
        throw .unreadable
      }
      try scanTime(&scanner)
    }
    if let time, !time.isEmpty {
      guard !hasTime else { throw .unreadable }
      var scanner = Scanner(time)
      try scanTime(&scanner)
    }
  }

  /// - Parameter zone: of a time that tells none; nil = UTC.
  func nanos(_ zone: TimeZoneRules?) throws(Problem) -> Int64 {
    // From 1678 to 2261, all that 64 bits of nanoseconds hold.
    guard (-106_000..<106_000).contains(days) else { throw .outOfRange }
    let local = days * 86_400 + nanosOfDay / 1_000_000_000
    let seconds = if let offsetSeconds { local - offsetSeconds } else { zone?.instant(atLocal: local) ?? local }
    return seconds * 1_000_000_000 + nanosOfDay % 1_000_000_000
  }

  private mutating func scanDate(_ scanner: inout Scanner, _ order: DateOrder?) throws(Problem) {
    guard let (first, length) = scanner.number(upTo: 8) else { throw .unreadable }
    var (year, month, day) = (0, 0, 0)
    if length == 8 {
      (year, month, day) = (first / 10_000, first / 100 % 100, first % 100)
    } else {
      guard let separator = scanner.current,
        [UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: ".")].contains(separator),
        scanner.take(separator), let (second, _) = scanner.number(upTo: 2), scanner.take(separator),
        let (third, thirdLength) = scanner.number(upTo: 4)
      else { throw .unreadable }
      if length == 4 {
        (year, month, day) = (first, second, third)
      } else {
        guard thirdLength == 4, length <= 2 else { throw .unreadable }
        year = third
        // With points the day always comes first.
        switch separator == UInt8(ascii: ".") ? .dayFirst : order ?? Self.order(first, second) {
        case .monthFirst: (month, day) = (first, second)
        case .dayFirst: (month, day) = (second, first)
        case nil: throw .ambiguousOrder
        }
      }
    }
    let date = CivilDate(year, month, day)
    guard (1...12).contains(month), (1...31).contains(day), CivilDate(daysSinceEpoch: date.daysSinceEpoch) == date
    else {
      throw .unreadable
    }
    days = Int64(date.daysSinceEpoch)
  }

  private static func order(_ first: Int, _ second: Int) -> DateOrder? {
    if first > 12 { return .dayFirst }
    return second > 12 ? .monthFirst : nil
  }

  /// 09:30, 9:30:05.25, 093005, 9:30 AM, and a zone behind it.
  private mutating func scanTime(_ scanner: inout Scanner) throws(Problem) {
    guard let (first, length) = scanner.number(upTo: 6) else { throw .unreadable }
    var (hour, minute, second) = (first, 0, 0)
    if length == 6 {
      (hour, minute, second) = (first / 10_000, first / 100 % 100, first % 100)
    } else if length >= 3 {
      (hour, minute) = (first / 100, first % 100)
    } else {
      guard scanner.take(UInt8(ascii: ":")), let (found, _) = scanner.number(upTo: 2) else { throw .unreadable }
      minute = found
      if scanner.take(UInt8(ascii: ":")) {
        guard let (found, _) = scanner.number(upTo: 2) else { throw .unreadable }
        second = found
      }
    }
    var fraction: Int64 = 0
    if scanner.take(UInt8(ascii: ".")) || scanner.take(UInt8(ascii: ",")) {
      var weight: Int64 = 100_000_000
      guard let digit = scanner.digit() else { throw .unreadable }
      fraction = Int64(digit) * weight
      while let digit = scanner.digit() {
        weight /= 10
        fraction += Int64(digit) * weight
      }
    }
    if let isAfternoon = scanner.halfOfDay() {
      guard (1...12).contains(hour) else { throw .unreadable }
      hour = hour % 12 + (isAfternoon ? 12 : 0)
    }
    guard (0...24).contains(hour), (0...59).contains(minute), (0...60).contains(second),
      hour < 24 || minute + second == 0
    else {
      throw .unreadable
    }
    hasTime = true
    nanosOfDay = Int64(hour * 3_600 + minute * 60 + second) * 1_000_000_000 + fraction
    try scanZone(&scanner)
  }

  private mutating func scanZone(_ scanner: inout Scanner) throws(Problem) {
    _ = scanner.take(UInt8(ascii: " "))
    if scanner.isAtEnd { return }
    if scanner.take("Z") || scanner.take("z") || scanner.take("UTC") || scanner.take("GMT") {
      offsetSeconds = 0
    }
    if !scanner.isAtEnd {
      let isWest = scanner.take(UInt8(ascii: "-"))
      guard isWest || scanner.take(UInt8(ascii: "+")), let (first, length) = scanner.number(upTo: 4) else {
        throw .unreadable
      }
      var (hours, minutes) = length > 2 ? (first / 100, first % 100) : (first, 0)
      if length <= 2, scanner.take(UInt8(ascii: ":")) {
        guard let (found, _) = scanner.number(upTo: 2) else { throw .unreadable }
        minutes = found
      }
      guard hours <= 18, minutes <= 59 else { throw .unreadable }
      hours = hours * 3_600 + minutes * 60
      offsetSeconds = Int64(isWest ? -hours : hours)
    }
    guard scanner.isAtEnd else { throw .unreadable }
  }

  private struct Scanner {
    private var rest: Substring.UTF8View.SubSequence

    init(_ text: Substring) { rest = text.utf8[...] }

    var isAtEnd: Bool { rest.isEmpty }
    var current: UInt8? { rest.first }

    mutating func take(_ byte: UInt8) -> Bool {
      guard rest.first == byte else { return false }
      rest.removeFirst()
      return true
    }

    mutating func take(_ word: String) -> Bool {
      guard rest.starts(with: word.utf8) else { return false }
      rest.removeFirst(word.utf8.count)
      return true
    }

    mutating func digit() -> Int? {
      guard let byte = rest.first, (48...57).contains(byte) else { return nil }
      rest.removeFirst()
      return Int(byte - 48)
    }

    mutating func number(upTo length: Int) -> (value: Int, length: Int)? {
      var value = 0
      var count = 0
      while count < length, let digit = digit() {
        value = value * 10 + digit
        count += 1
      }
      return count > 0 ? (value, count) : nil
    }

    mutating func halfOfDay() -> Bool? {
      var ahead = self
      _ = ahead.take(UInt8(ascii: " "))
      let isAfternoon: Bool
      if ahead.take("PM") || ahead.take("pm") {
        isAfternoon = true
      } else if ahead.take("AM") || ahead.take("am") {
        isAfternoon = false
      } else {
        return nil
      }
      self = ahead
      return isAfternoon
    }
  }
}

extension TimeText {
  /// `2024-01-02T09:30:00.25Z`.
  package static func words(_ nanos: Int64) -> String {
    func padded(_ value: Int64, _ width: Int) -> String {
      let digits = "\(value)"
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let (whole, rest) = nanos.quotientAndRemainder(dividingBy: 1_000_000_000)
    let (second, part) = rest < 0 ? (whole - 1, rest + 1_000_000_000) : (whole, rest)
    let day = (second - (second % 86_400 + 86_400) % 86_400) / 86_400
    let inDay = second - day * 86_400
    let date = CivilDate(daysSinceEpoch: Int(day))
    var text = "\(padded(Int64(date.year), 4))-\(padded(Int64(date.month), 2))-\(padded(Int64(date.day), 2))T"
    text += "\(padded(inDay / 3_600, 2)):\(padded(inDay / 60 % 60, 2)):\(padded(inDay % 60, 2))"
    if part > 0 {
      var fraction = padded(part, 9)
      while fraction.hasSuffix("0") { fraction.removeLast() }
      text += "." + fraction
    }
    return text + "Z"
  }
}
