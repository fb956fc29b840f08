package import Foundation
package import MarketData

/// One expected event of a golden file, and how an event of ours compares with it.
package struct GoldenEvent {
  package let symbol: String
  package let type: String
  private let fields: [String: Any]

  package static func read(_ file: URL) throws -> [GoldenEvent] {
    try SharedFiles.gunzip(file).split(separator: "\n").compactMap { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      guard let object, let symbol = object["symbol"] as? String, let type = object["type"] as? String else {
        return nil
      }
      return GoldenEvent(symbol: symbol, type: type, fields: object)
    }
  }

  package var id: String { fields["id"] as? String ?? "" }

  /// The first difference in a deterministic field, in words; nil when there is none.
  package func difference(from event: MarketEvent, symbol: String) -> String? {
    let id = EventText.id(of: event, symbol: symbol)
    guard id == self.id else { return "id \(id) instead of \(self.id)" }
    var ours: [String: EventText.Value] = [
      "direction": .text(EventText.name(event.direction)), "session": .text(EventText.name(event.session)),
      "price": .number(event.price), "size": .number(event.size), "significance": .number(event.significance),
    ]
    let (key, detail) = EventText.detail(of: event)
    guard let expected = fields[key] as? [String: Any] else { return "\(id): no \(key)" }
    for (name, value) in detail { ours["\(key).\(name)"] = value }
    for (name, value) in ours {
      let parts = name.split(separator: ".")
      let theirs = parts.count == 2 ? expected[String(parts[1])] : fields[name]
      if !value.equals(theirs) { return "\(id): \(name) is \(value), expected \(theirs ?? "nothing")" }
    }
    return nil
  }
}

extension [GoldenEvent] {
  /// The first difference between these and an engine's events, symbol by symbol; nil where there is none. A symbol that only one side
  /// knows is a difference, too: its events would be compared with nothing.
  package func firstDifference(from events: [MarketEvent], symbols: [String]) -> String? {
    if let missing = first(where: { !symbols.contains($0.symbol) }) {
      return "\(missing.symbol) never came: \(missing.id)"
    }
    if let stranger = events.first(where: { !symbols.indices.contains(Int($0.symbol.index)) }) {
      return "an event of symbol number \(stranger.symbol.index), which no input has"
    }
    let expected = Dictionary(grouping: self, by: \.symbol)
    let ours = Dictionary(grouping: events) { Int($0.symbol.index) }
    for (number, symbol) in symbols.enumerated() {
      let (theirs, mine) = (expected[symbol] ?? [], ours[number] ?? [])
      for (golden, event) in zip(theirs, mine) {
        if let difference = golden.difference(from: event, symbol: symbol) { return difference }
      }
      if theirs.count != mine.count { return "\(symbol): \(mine.count) events, expected \(theirs.count)" }
    }
    return nil
  }
}
