internal import MarketData

/// The cells of one row, by what its file's layout says that they are.
struct Row {
  let fields: [Substring]
  let layout: RowLayout
  let line: Int

  /// Nil where the row or the file has no such column.
  func text(_ field: Field) -> Substring? {
    let place = layout.place(field)
    return place >= 0 && place < fields.count ? fields[place] : nil
  }

  func symbol() throws(BadRow) -> String {
    if let symbol = layout.symbol { return symbol }
    guard let symbol = text(.symbol), !symbol.isEmpty else {
      throw BadRow(line: line, message: "has no symbol: \(layout.name(.symbol)) is empty")
    }
    return String(symbol)
  }

  func number(_ field: Field) throws(BadRow) -> Double {
    guard let value = text(field).flatMap(NumberText.double) else { throw bad(field) }
    return value
  }

  /// A price; Databento's raw files have them in units of 1e-9, as whole numbers.
  func price(_ field: Field) throws(BadRow) -> Double {
    guard layout.format == .databento, let cell = text(field), let units = Int64(cell) else { return try number(field) }
    guard units != .max else { throw BadRow(line: line, message: "\(layout.name(field)) is undefined") }
    return Double(units) / 1e9
  }

  /// - Returns: `absent` where the column is missing or empty.
  func number(_ field: Field, orElse absent: Double) throws(BadRow) -> Double {
    guard let found = text(field), !found.isEmpty else { return absent }
    return try number(field)
  }

  func unsigned<I: FixedWidthInteger & UnsignedInteger>(_ field: Field, orElse absent: I) throws(BadRow) -> I {
    guard let found = text(field), !found.isEmpty else { return absent }
    guard let value = I(found) else { throw bad(field) }
    return value
  }

  /// 0 or 1; 0 where the column or the cell is absent.
  func flag(_ field: Field) throws(BadRow) -> Bool {
    switch text(field) ?? "" {
    case "", "0": return false
    case "1": return true
    default:
      throw BadRow(line: line, message: "\(layout.name(field)) is '\(Shown.text(text(field) ?? ""))'; must be 0 or 1")
    }
  }

  func conditions() throws(BadRow) -> UInt32 {
    guard layout.format == .polygonTrades else {
      guard let found = text(.conditions), !found.isEmpty else { return 0 }
      guard let bits = UInt32(found) else {
        var bad = bad(.conditions)
        if !layout.isOwn { bad.message += " of bits; --map conditions= leaves the column out" }
        throw bad
      }
      return bits
    }
    guard let bits = SaleConditions.bits(text(.conditions) ?? "") else { throw bad(.conditions) }
    guard let more = SaleConditions.bits(correction: text(.correction) ?? "") else { throw bad(.correction) }
    return bits | more
  }

  /// Whether the row is an order or a quote among trades, or a bar of another kind: passed over.
  var isForeign: Bool {
    guard let action = text(.action) else { return false }
    return !action.isEmpty && action != "T"
  }

  // MARK: Times

  func time() throws(BadRow) -> Int64 {
    let field = layout.timeColumn
    guard let cell = text(field), !cell.isEmpty else {
      throw BadRow(line: line, message: "has no time: \(layout.name(field)) is empty")
    }
    return try time(cell, field)
  }

  private func time(_ cell: Substring, _ field: Field) throws(BadRow) -> Int64 {
    switch layout.timeForm {
    case .number(let unit):
      if layout.isOwn {
        guard let value = Int64(cell) else { throw bad(field) }
        return value
      }
      guard let value = NumberText.whole(cell) else { throw bad(field) }
      guard unit.isPlausible(value), let nanos = NumberText.nanos(cell, unit) else {
        let told =
          "\(layout.name(field)) is '\(Shown.text(cell))', which is no time from 1971 to 2100 in \(unit), as this file's are"
        throw BadRow(line: line, message: told + (TimeUnit.guess(value).map { "; is it in \($0)?" } ?? ""))
      }
      return nanos
    case .text, nil:
      do throws(TimeText.Problem) {
        let time = field == .date && layout.place(.time) >= 0 ? text(.time) ?? "" : nil
        return try TimeText(cell, time: time, order: layout.dateOrder).nanos(layout.zone)
      } catch {
        let shown = field == .date && layout.place(.time) >= 0 ? "\(cell) \(text(.time) ?? "")" : String(cell)
        throw BadRow(
          line: line,
          message: "\(layout.name(field)) is '\(Shown.text(shown))', which is no time such as 2024-01-02T09:30:00Z")
      }
    }
  }

  /// How long a bar is, by its own row or by the file.
  func duration(from start: Int64) throws(BadRow) -> Int64 {
    if let duration = layout.durationNanos { return duration }
    if let cell = text(.duration) {
      guard let value = Int64(cell) else { throw bad(.duration) }
      return value
    }
    if let cell = text(.end), !cell.isEmpty {
      let end = try time(cell, .end)
      // Binance's bars end with the last unit of time inside.
      let unit = if case .number(let unit) = layout.timeForm { unit.nanos } else { Int64(1_000_000_000) }
      let isInside = (end - start) % 1_000_000_000 != 0
      return end - start + (isInside ? unit : 0)
    }
    if let cell = text(.period) {
      switch cell.lowercased() {
      case "d", "1d": return 86_400_000_000_000
      case "w": return 7 * 86_400_000_000_000
      default:
        // Stooq's are minutes.
        if let minutes = Int64(cell), (1...10_080).contains(minutes) { return minutes * 60_000_000_000 }
        guard let duration = DurationText.parse(String(cell)) else { throw bad(.period) }
        return duration
      }
    }
    switch text(.recordType) ?? "" {
    case "32": return 1_000_000_000
    case "33": return 60_000_000_000
    case "34": return 3_600_000_000_000
    case "35": return 86_400_000_000_000
    default:
      throw BadRow(
        line: line,
        message:
          "rtype is '\(Shown.text(text(.recordType) ?? ""))'; of bars it is 32 (1 s), 33 (1 min), 34 (1 h) or 35 (1 d)")
    }
  }

  private func bad(_ field: Field) -> BadRow {
    BadRow(line: line, message: "\(layout.name(field)) is '\(Shown.text(text(field) ?? ""))', which is no number")
  }
}
