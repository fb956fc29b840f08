internal import MarketData

/// What each column of a file is, and how its cells are to be read: decided by the header, the first rows, and what the caller said. Pure.
package struct RowLayout: Sendable {
  /// How a file writes its times.
  enum TimeForm: Equatable, Sendable {
    case number(TimeUnit)
    case text
  }

  package let kind: MarketReader.Kind
  package internal(set) var format: FileFormat?
  let names: [String]
  /// By `Field.rawValue`: the column's place; -1 = none.
  private(set) var places: [Int]
  var timeForm: TimeForm?
  var dateOrder: DateOrder?
  package internal(set) var durationNanos: Int64?
  package let symbol: String?
  let zone: TimeZoneRules?
  let zoneName: String?
  /// Whether the times are surely nanoseconds, and whatever cannot be one is left to the server's words: our own header.
  let isOwn: Bool
  /// What was found out rather than told, in words.
  package internal(set) var notes: [String] = []

  /// - Throws: `BadRow` that names all that is missing, and what to pass.
  init(_ names: [String], _ options: ReadOptions, path: String) throws(BadRow) {
    self.names = names
    let plain = names.map(ColumnName.plain)
    var places = [Int](repeating: -1, count: Field.allCases.count)
    var problems: [String] = []
    for (field, column) in options.map where !column.isEmpty {
      if let place = names.firstIndex(of: column) ?? plain.firstIndex(of: ColumnName.plain(column)) {
        places[field.rawValue] = place
      } else {
        problems.append("the header has no column '\(Shown.text(column))', which --map names for \(field.name)")
      }
    }
    func find(_ field: Field) {
      guard places[field.rawValue] < 0 else { return }
      for name in field.synonyms {
        guard let place = names.firstIndex(of: name) ?? plain.firstIndex(of: name) else { continue }
        places[field.rawValue] = place
        return
      }
    }
    func has(_ field: Field) -> Bool { places[field.rawValue] >= 0 }
    var format = options.format
    if format == nil { format = FileFormat.recognised(plain) }
    for field in Field.allCases { find(field) }
    // `conditions=` leaves a column out.
    for (field, column) in options.map where column.isEmpty { places[field.rawValue] = -1 }
    func isTold(_ field: Field) -> Bool { options.map.contains { $0.field == field && !$0.column.isEmpty } }
    if isTold(.date), !isTold(.timestamp) { places[Field.timestamp.rawValue] = -1 }
    // Messages of one letter: S is the symbol beside s, the size; beside q, the size, s is the symbol.
    if !has(.symbol), let place = names.firstIndex(of: "S") ?? (plain.contains("q") ? names.firstIndex(of: "s") : nil) {
      places[Field.symbol.rawValue] = place
    }
    if !has(.size), let place = names.firstIndex(of: "s"), place != places[Field.symbol.rawValue] {
      places[Field.size.rawValue] = place
    }
    if has(.timestamp) {
      for field in [Field.date, .time] where !options.map.contains(where: { $0.field == field }) {
        places[field.rawValue] = -1
      }
    } else if !has(.date) {
      places[Field.timestamp.rawValue] = places[Field.time.rawValue]
      places[Field.time.rawValue] = -1
    }
    if format != .polygonTrades { places[Field.correction.rawValue] = -1 }
    if format != .databento {
      places[Field.action.rawValue] = -1
      places[Field.recordType.rawValue] = -1
    }
    if has(.fairValue) {
      kind = .fairValues
    } else if has(.open) || has(.high) && has(.low) {
      kind = .bars
    } else {
      kind = .ticks
      if !has(.size) { places[Field.size.rawValue] = places[Field.volume.rawValue] }
    }
    let hasOwnTime = plain.indices.contains {
      $0 == places[Field.timestamp.rawValue] && ["timestamp_ns", "start_ns"].contains(names[$0])
    }
    isOwn =
      options.isEmpty && format == nil && hasOwnTime && names.contains("symbol") && (kind != .bars || has(.duration))
    if isOwn { format = .penstock }
    symbol = options.symbol ?? (has(.symbol) ? nil : format?.symbol(fromName: path))
    self.places = places
    self.format = format
    zone = options.zone
    zoneName = options.zoneName
    dateOrder = options.dateOrder
    durationNanos =
      options.durationNanos
      ?? (has(.duration) || has(.end) || has(.period) || has(.recordType) ? nil : format?.durationNanos)
    // Both of Polygon's aggregates have one header: the rows tell which it is.
    if format == .polygonMinute, options.format == nil, options.durationNanos == nil { durationNanos = nil }
    if let unit = options.unit ?? (hasOwnTime ? .nanoseconds : nil) { timeForm = .number(unit) }
    if options.symbol != nil, has(.symbol), !options.map.contains(where: { $0.field == .symbol }) {
      problems.append(
        "--symbol is for files without a symbol column, and this one has '\(Shown.text(names[places[Field.symbol.rawValue]]))'"
      )
    }
    problems += Self.missing(kind, names, has, hasSymbol: symbol != nil)
    guard problems.isEmpty else { throw BadRow(line: 1, message: problems.joined(separator: "; ")) }
    if let symbol, options.symbol == nil { notes.append("the symbol is \(symbol), by the file's name") }
  }

  /// All that a file of a kind lacks, at once.
  private static func missing(_ kind: MarketReader.Kind, _ names: [String], _ has: (Field) -> Bool, hasSymbol: Bool)
    -> [String]
  {
    let needed: [Field] =
      switch kind {
      case .ticks: [.price, .size]
      case .bars: [.open, .high, .low, .close, .volume]
      case .fairValues: [.fairValue]
      }
    var words: [String] = []
    var passed: [String] = []
    if !hasSymbol, !has(.symbol) {
      words.append("symbol")
      passed.append("--symbol SPY or --map symbol=COLUMN")
    }
    if !has(.timestamp), !has(.date) {
      words.append("timestamp")
      passed.append("--map timestamp=COLUMN")
    }
    for field in needed where !has(field) {
      words.append(field.name)
      passed.append("--map \(field.name)=COLUMN")
    }
    guard !words.isEmpty else { return [] }
    let header = Shown.text(names.joined(separator: ","), upTo: 100)
    var message = "the header has no column for \(Shown.list(words)); it is '\(header)'; pass \(Shown.list(passed))"
    if kind == .ticks, !has(.price) {
      message += "; ticks have a price and a size, bars open, high, low, close and volume, fair values fmv"
    }
    return [message]
  }

  /// What was understood, field by field: the column's name and how its cells are read.
  package var account: [(field: String, words: String)] {
    let shown = Field.allCases.filter { place($0) >= 0 && !(kind == .ticks && $0 == .volume) }
    var account = shown.map { field in
      var words = "column '\(name(field))'"
      if field == timeColumn || field == .end {
        switch timeForm {
        case .number(let unit): words += ", \(unit) since 1970"
        case .text, nil: words += ", dates and times, \(zoneName ?? "UTC") where they tell no zone"
        }
      }
      if field == .conditions { words += format == .polygonTrades ? ", codes by the table of Polygon's" : ", bits" }
      return (field.name, words)
    }
    if let symbol { account.insert(("symbol", "\(Shown.text(symbol)) in all rows"), at: 0) }
    if let durationNanos { account.append(("duration", "\(DurationText.describe(durationNanos)) in all rows")) }
    return account
  }

  /// What to say of a file that is not ours before its rows are taken.
  package var words: [String] {
    guard !isOwn else { return [] }
    return (format.map { ["read as \($0.words)"] } ?? []) + notes
  }

  func place(_ field: Field) -> Int { places[field.rawValue] }

  /// The column's own name, for messages.
  func name(_ field: Field) -> String {
    let place = places[field.rawValue]
    return place >= 0 ? Shown.text(names[place]) : field.name
  }

  package var timeColumn: Field { place(.timestamp) >= 0 ? .timestamp : .date }

  // MARK: What the first rows tell

  var needsLearning: Bool { !isOwn }

  /// What the header left open, from the first rows.
  /// - Throws: `BadRow` that says what to pass.
  mutating func learn(_ rows: [(fields: [Substring], line: Int)]) throws(BadRow) {
    let (dates, times) = (place(timeColumn), place(.time))
    func cell(_ row: [Substring], _ place: Int) -> Substring? { row.indices.contains(place) ? row[place] : nil }
    let cells = rows.compactMap { row in cell(row.fields, dates).map { (text: $0, line: row.line) } }.filter {
      !$0.text.isEmpty
    }
    if timeForm == nil, let (text, line) = cells.first(where: { Self.isTime($0.text) }) ?? cells.first {
      if let value = NumberText.whole(text), !Self.isDate(text) {
        guard let unit = TimeUnit.guess(value) else {
          throw BadRow(
            line: line,
            message:
              "\(name(timeColumn)) is '\(Shown.text(text))', which is no time from 1971 to 2100 in any unit; pass --time-unit s, ms, us or ns"
          )
        }
        timeForm = .number(unit)
        notes.append("times are \(unit), by the size of the first")
      } else {
        timeForm = .text
      }
    }
    if timeForm == .text {
      try learnDateOrder(cells)
      let isDaily =
        times < 0 && cells.allSatisfy { (try? TimeText($0.text, order: dateOrder ?? .monthFirst))?.hasTime == false }
      if kind == .bars, isDaily, durationNanos == nil, place(.duration) < 0, place(.end) < 0, place(.period) < 0 {
        durationNanos = 86_400_000_000_000
        notes.append("bars are of a day, since rows have a date only")
      }
      let tellsZone = rows.allSatisfy { row in
        guard let date = cell(row.fields, dates) else { return false }
        let time = cell(row.fields, times)
        return (try? TimeText(date, time: time, order: dateOrder))?.offsetSeconds != nil
      }
      if !tellsZone, zone == nil {
        notes.append("times are taken as UTC, since they tell no zone: --time-zone America/New_York for New York's")
      }
    }
    guard kind == .bars else { return }
    try learnDuration(rows)
  }

  private static func isTime(_ text: Substring) -> Bool {
    NumberText.whole(text) != nil || (try? TimeText(text, order: .monthFirst)) != nil
      || (try? TimeText(text, order: .dayFirst)) != nil
  }

  /// 20240102: as seconds it would lie in 1970.
  private static func isDate(_ text: Substring) -> Bool {
    text.utf8.count == 8 && (text.hasPrefix("19") || text.hasPrefix("20")) && (try? TimeText(text, order: nil)) != nil
  }

  private mutating func learnDateOrder(_ cells: [(text: Substring, line: Int)]) throws(BadRow) {
    guard dateOrder == nil else { return }
    var ambiguous: (text: Substring, line: Int)?
    for cell in cells {
      do throws(TimeText.Problem) {
        _ = try TimeText(cell.text, order: nil)
      } catch .ambiguousOrder {
        if ambiguous == nil { ambiguous = cell }
      } catch {
        continue
      }
    }
    guard let ambiguous else { return }
    // One date whose middle or first part is above 12 tells it for all.
    for cell in cells {
      for (order, other) in [(DateOrder.monthFirst, DateOrder.dayFirst), (.dayFirst, .monthFirst)] {
        guard (try? TimeText(cell.text, order: order)) != nil, (try? TimeText(cell.text, order: other)) == nil else {
          continue
        }
        dateOrder = order
        notes.append(
          "dates are \(order == .monthFirst ? "month/day/year" : "day/month/year"), as '\(Shown.text(cell.text))' tells"
        )
        return
      }
    }
    throw BadRow(
      line: ambiguous.line,
      message:
        "\(name(timeColumn)) is '\(Shown.text(ambiguous.text))': month or day first? pass --date-order mdy or dmy")
  }

  /// Bars that do not tell how long they are: the shortest step within a symbol.
  private mutating func learnDuration(_ rows: [(fields: [Substring], line: Int)]) throws(BadRow) {
    guard durationNanos == nil, place(.duration) < 0, place(.end) < 0, place(.period) < 0, place(.recordType) < 0 else {
      return
    }
    var newest: [Substring: Int64] = [:]
    var shortest = Int64.max
    var first: Int64?
    for (fields, line) in rows {
      let row = Row(fields: fields, layout: self, line: line)
      guard let time = try? row.time() else { continue }
      first = first ?? time
      let symbol = row.text(.symbol) ?? ""
      if let before = newest[symbol], time != before { shortest = min(shortest, abs(time - before)) }
      newest[symbol] = time
    }
    if format == .polygonMinute {
      // Both files have the same header; days begin at New York's midnight.
      let seconds = (first ?? 0) / 1_000_000_000
      let isDay = shortest != 60_000_000_000 && (seconds + TimeZoneRules.newYork.offset(atUTC: seconds)) % 86_400 == 0
      format = isDay ? .polygonDay : .polygonMinute
      durationNanos = format?.durationNanos
      notes.append("bars are of a \(isDay ? "day, since the first begins at New York's midnight" : "minute")")
    } else if shortest < .max {
      durationNanos = shortest
      notes.append(
        "bars are of \(DurationText.describe(shortest)), the shortest step in the first rows: --duration for another")
    } else {
      guard !rows.isEmpty else { return }
      throw BadRow(
        line: rows[0].line, message: "the bars do not tell how long they are; pass --duration 1m (or 5m, 1h, 1d)")
    }
  }
}
