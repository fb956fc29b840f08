internal import Foundation
internal import WireCodec

/// Events as lines of a table for people: a heading before the first, the date before the first of each day.
struct EventTable {
  let inColour: Bool
  private var hasHeading = false
  private var date = ""

  private let symbolWidth: Int

  var heading: String {
    "time (UTC)     \(Self.pad("symbol", symbolWidth)) event               dir    price        signif.  session"
  }

  /// - Parameter symbolWidth: of the longest symbol that is known of; longer ones push their line's rest to the right.
  init(inColour: Bool, symbolWidth: Int = 10) {
    self.inColour = inColour
    self.symbolWidth = max(10, symbolWidth)
  }

  /// The heading, where it has not been shown yet.
  mutating func takeHeading() -> String? {
    defer { hasHeading = true }
    return hasHeading ? nil : heading
  }

  /// The event's line, behind what has to stand before it.
  mutating func text(_ event: ReceivedEvent) -> String {
    var lines = [takeHeading()].compactMap { $0 }
    let date = UTCTime.date(event.timestampNanos)
    if date != self.date {
      self.date = date
      lines.append(date)
    }
    lines.append(line(event))
    return lines.joined(separator: "\n")
  }

  func line(_ event: ReceivedEvent) -> String {
    let direction = event.direction
    let mark = direction == "UP" ? "▲ up" : direction == "DOWN" ? "▼ down" : "■ flat"
    let text = [
      Self.time(event.timestampNanos), Self.pad(event.symbol, symbolWidth), Self.pad(event.type, 19), Self.pad(mark, 6),
      Self.pad(Self.number(event.price), Self.priceWidth), Self.pad(String(format: "%.1f", event.significance), 8),
      event.session,
    ].joined(separator: " ")
    guard inColour else { return text }
    let colour = direction == "UP" ? "32" : direction == "DOWN" ? "31" : "33"
    return "\u{1B}[\(colour)m\(text)\u{1B}[0m"
  }

  static func time(_ nanoseconds: Int64) -> String {
    let millis = nanoseconds / 1_000_000 % 86_400_000
    return String(
      format: "%02lld:%02lld:%02lld.%03lld ", millis / 3_600_000, millis / 60_000 % 60, millis / 1_000 % 60,
      millis % 1_000)
  }

  static func pad(_ text: String, _ width: Int) -> String {
    text.count >= width ? text : text + String(repeating: " ", count: width - text.count)
  }

  /// The widest price; what needs more digits is rounded to fit.
  static let priceWidth = 12

  /// A price by the fewest digits that read back as the same number, as far as they fit into `priceWidth`: `1.08445`, `1.24e-08`.
  static func number(_ value: Double) -> String {
    let shortest = "\(value)"
    let text = shortest.hasSuffix(".0") ? String(shortest.dropLast(2)) : shortest
    guard text.count > priceWidth else { return text }
    // %g takes zeros at the end away, and an exponent where that is what fits.
    for digits in (1...16).reversed() {
      let rounded = String(format: "%.\(digits)g", value)
      if rounded.count <= priceWidth { return rounded }
    }
    return text
  }
}
