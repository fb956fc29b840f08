internal import Foundation
internal import WireCodec

/// The newest events of `penstock top`. Pure.
enum TopEvents {
  static let head = row("time (UTC)", "symbol", "event", "dir", "price", "signif.", "channel")

  /// The newest first.
  static func lines(_ events: [ReceivedEvent], count: Int) -> [StyledLine] {
    events.suffix(max(0, count)).reversed().map { event in
      let (mark, style): (String, StyledLine.Style) =
        switch event.direction {
        case "UP": ("▲ up", .good)
        case "DOWN": ("▼ down", .bad)
        default: ("■ flat", .plain)
        }
      return StyledLine(
        row(
          Cells.trimmed(EventTable.time(event.timestampNanos)), event.symbol, event.type, mark,
          EventTable.number(event.price),
          String(format: "%.1f", event.significance), event.channel), style)
    }
  }

  private static func row(
    _ time: String, _ symbol: String, _ type: String, _ mark: String, _ price: String, _ significance: String,
    _ channel: String
  ) -> String {
    [
      Cells.fit(time, 12), Cells.fit(symbol, 10), Cells.fit(type, 19), Cells.fit(mark, 6),
      Cells.fit(price, EventTable.priceWidth, right: true), Cells.fit(significance, 7, right: true), channel,
    ].joined(separator: " ")
  }
}
