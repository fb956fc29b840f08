internal import Foundation
internal import MarketData
internal import WireCodec

/// A `QualityTally` as text. What the numbers mean: docs/detectors.md, "How good the events are".
enum QualityReport {
  private static let quartiles = [("p25", 0.25), ("p50", 0.5), ("p75", 0.75)]
  private static let followed: [EventType] = [.surge, .trend]
  /// Those whose direction can flip.
  private static let flipping: Set<EventType> = [.surge, .trend, .vwapCross, .valuation]
  /// No table gives way: a file takes any width.
  private static let width = 1_000

  static func lines(_ tally: QualityTally) -> [String] {
    let types = EventType.allCases.filter { tally[$0].events > 0 }
    guard !types.isEmpty else { return ["no events"] }
    return judged(tally, types) + moves(tally) + [""] + hours(tally, types)
  }

  /// One row a type: how many, and what became of them.
  private static func judged(_ tally: QualityTally, _ types: [EventType]) -> [String] {
    let sessions = TradingSession.allCases.filter { session in
      tally.hours.contains { $0.key.session == session }
    }
    var table = TextTable(
      columns: [TextTable.Column(title: "type"), number("events")] + sessions.map { number($0.wireName) }
        + [
          number("flipped in 10 s"), number("taken back in 5 prints"), number("more than half"),
          number("confirmed later"),
        ])
    for type in types {
      let one = tally[type]
      table.rows.append(
        [type.wireName, "\(one.events)"] + sessions.map { "\(tally.events(type, in: $0))" }
          + [
            flipping.contains(type) ? share(one.flipped, of: one.events) : "",
            type == .surge ? share(one.takenBack, of: one.surgesJudged) : "",
            type == .surge ? share(one.halfTakenBack, of: one.surgesJudged) : "",
            type == .quarantine ? share(one.confirmed, of: one.runs) : "",
          ])
    }
    return table.lines(width: width)
  }

  /// How far the price went after an event, in its direction.
  private static func moves(_ tally: QualityTally) -> [String] {
    var table = TextTable(
      columns: [
        TextTable.Column(title: "went on, in %"), TextTable.Column(title: "after"), number("events"),
        number("lower quartile"), number("median"), number("upper quartile"),
      ])
    for type in followed {
      for (horizon, spread) in zip(QualityJudge.horizons, tally[type].moves) where spread.count > 0 {
        table.rows.append(
          [type.wireName, horizon.name, "\(spread.count)"]
            + quartiles.map { signed(spread.quantile($0.1) ?? 0) })
      }
    }
    return table.rows.isEmpty ? [] : [""] + table.lines(width: width)
  }

  private static func hours(_ tally: QualityTally, _ types: [EventType]) -> [String] {
    var table = TextTable(
      columns: [TextTable.Column(title: "session"), TextTable.Column(title: "hour UTC")]
        + types.map { number($0.wireName) })
    for session in TradingSession.allCases {
      for hour in 0..<24 {
        let counts = types.map { tally.hours[QualityTally.Hour(type: $0, session: session, hour: hour)] ?? 0 }
        guard counts.contains(where: { $0 > 0 }) else { continue }
        table.rows.append([session.wireName, hour < 10 ? "0\(hour)" : "\(hour)"] + counts.map { "\($0)" })
      }
    }
    return table.lines(width: width)
  }

  private static func number(_ title: String) -> TextTable.Column { TextTable.Column(title: title, isNumber: true) }

  /// `3 of 12 (25 %)`.
  private static func share(_ part: UInt64, of all: UInt64) -> String {
    guard all > 0 else { return "0 of 0" }
    return "\(part) of \(all) (\(String(format: "%.0f", 100 * Double(part) / Double(all))) %)"
  }

  private static func signed(_ percent: Double) -> String { percent == 0 ? "0" : String(format: "%+.3f", percent) }

  // MARK: - JSON

  /// One line: `{"quality":{…}}`.
  /// - Parameter settings: `a` or `b` where two configuration files are compared.
  static func json(_ tally: QualityTally, digest: [UInt8], settings: String?) -> String {
    let types = EventType.allCases.filter { tally[$0].events > 0 }.map { json($0, tally) }
    let name = settings.map { "\"settings\":\"\($0)\"," } ?? ""
    let events = tally.types.values.reduce(0) { $0 + $1.events }
    return
      "{\"quality\":{\(name)\"events\":\(events),\"types\":[\(types.joined(separator: ","))],\"digest\":\"\(ReplayReport.hex(digest))\"}}"
  }

  private static func json(_ type: EventType, _ tally: QualityTally) -> String {
    let one = tally[type]
    var fields = ["\"type\":\"\(type.wireName)\"", "\"events\":\(one.events)"]
    if flipping.contains(type) { fields.append("\"flipped\":\(one.flipped)") }
    if type == .surge {
      fields.append(
        "\"taken_back\":{\"judged\":\(one.surgesJudged),\"all\":\(one.takenBack),\"more_than_half\":\(one.halfTakenBack)}"
      )
    }
    if type == .quarantine { fields.append("\"runs\":{\"announced\":\(one.runs),\"confirmed\":\(one.confirmed)}") }
    if followed.contains(type) {
      let moves = zip(QualityJudge.horizons, one.moves).map { horizon, spread in
        let values = quartiles.map { name, part in
          "\"\(name)\":\(spread.quantile(part).map { String(format: "%.5f", $0) } ?? "null")"
        }
        return
          "{\"after\":\"\(horizon.name)\",\"judged\":\(spread.count),\(values.joined(separator: ","))}"
      }
      fields.append("\"moves\":[\(moves.joined(separator: ","))]")
    }
    let hours = tally.hours.filter { $0.key.type == type }
      .sorted { ($0.key.session.rawValue, $0.key.hour) < ($1.key.session.rawValue, $1.key.hour) }
      .map { "{\"session\":\"\($0.key.session.wireName)\",\"hour\":\($0.key.hour),\"events\":\($0.value)}" }
    fields.append("\"hours\":[\(hours.joined(separator: ","))]")
    return "{\(fields.joined(separator: ","))}"
  }
}
