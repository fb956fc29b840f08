/// One row of a bar file.
package struct BarRow: Equatable, Sendable {
  package var symbol: String
  package var startNanos: Int64
  package var durationNanos: Int64
  package var open: Double
  package var high: Double
  package var low: Double
  package var close: Double
  package var volume: Double
  /// 0 = not given.
  package var vwap: Double
  package var trades: UInt64
  /// Whether the row says 1 under `partial`: it is not the bar's last version.
  package var isPartial: Bool

  init(_ row: Row) throws(BadRow) {
    symbol = try row.symbol()
    startNanos = try row.time()
    durationNanos = try row.duration(from: startNanos)
    open = try row.price(.open)
    high = try row.price(.high)
    low = try row.price(.low)
    close = try row.price(.close)
    volume = try row.number(.volume)
    vwap = try row.number(.vwap, orElse: 0)
    trades = try row.unsigned(.trades, orElse: 0)
    isPartial = try row.flag(.partial)
  }
}

/// One row of a file of fair values.
package struct FairValueRow: Equatable, Sendable {
  package var symbol: String
  package var timestampNanos: Int64
  package var fairValue: Double
  /// 0 = not given.
  package var marketPrice: Double
  /// 0 = not given.
  package var confidence: Double
  package var model: String

  init(_ row: Row) throws(BadRow) {
    symbol = try row.symbol()
    timestampNanos = try row.time()
    fairValue = try row.number(.fairValue)
    marketPrice = try row.number(.marketPrice, orElse: 0)
    confidence = try row.number(.confidence, orElse: 0)
    model = row.text(.model).map(String.init) ?? ""
  }
}

package enum MarketRow: Equatable, Sendable {
  case tick(TickRow)
  case bar(BarRow)
  case fairValue(FairValueRow)

  package var symbol: String {
    switch self {
    case .tick(let row): row.symbol
    case .bar(let row): row.symbol
    case .fairValue(let row): row.symbol
    }
  }

  /// When it happened; of a bar, when it started.
  package var timeNanos: Int64 {
    switch self {
    case .tick(let row): row.timestampNanos
    case .bar(let row): row.startNanos
    case .fairValue(let row): row.timestampNanos
    }
  }
}

/// A file of ticks, bars or fair values: its header tells which, and what its columns are.
package final class MarketReader {
  package enum Kind: Sendable {
    case ticks
    case bars
    case fairValues
  }

  /// A line that was read ahead, to learn from it what the header does not tell.
  private enum Ahead {
    case row(fields: [Substring], line: Int)
    case bad(BadRow)
    case end(DataFileError?)
  }

  private static let rowsAhead = 512
  private static let membersMax = 1_024
  /// Rows of some 100 bytes each.
  private static let sortedMax = 20_000_000

  package let lines: LineReader
  package private(set) var layout: RowLayout
  /// Where the row last returned stands.
  package private(set) var line = 0
  private let separator: UInt8
  /// Of a JSON file: the place of each member.
  private var memberPlaces: [String: Int]?
  /// Of one JSON document: its rows, the last first.
  private var records: [JSONRecord]?
  private var ahead: [Ahead] = []
  private var aheadTaken = 0
  private var order: RowOrder
  private let sorts: Bool
  /// All rows by their times, the newest first; nil until they are asked for.
  private var sorted: [(row: MarketRow, line: Int)]?
  private var badRows: [BadRow] = []

  package var kind: Kind { layout.kind }

  /// - Throws: `DataFileError`, or `BadRow` where it cannot be told what the columns are.
  package init(_ lines: LineReader, _ options: ReadOptions = ReadOptions()) throws {
    self.lines = lines
    sorts = options.sorts
    order = RowOrder(path: lines.path)
    let opened = try JSONRows.isJSON(lines) ? Self.openJSON(lines, options) : Self.openText(lines, options)
    separator = opened.separator
    memberPlaces = opened.memberPlaces
    records = opened.records
    ahead = opened.ahead
    layout = opened.layout
    if layout.needsLearning { try learn() }
  }

  /// What the beginning of a file tells.
  private struct Opened {
    var layout: RowLayout
    var separator: UInt8 = 0
    var memberPlaces: [String: Int]?
    var records: [JSONRecord]?
    var ahead: [Ahead] = []
  }

  private static func openText(_ lines: LineReader, _ options: ReadOptions) throws -> Opened {
    guard var header = try lines.next() else { throw BadRow(line: 1, message: "the file is empty") }
    // What Windows programs put before UTF-8 text.
    if header.unicodeScalars.first == "\u{FEFF}" { header.unicodeScalars.removeFirst() }
    let separator = CSVLine.separator(of: header)
    let fields = try CSVLine.fields(header, separator, number: 1)
    var options = options
    if options.columns == nil { options.columns = try namesWithoutHeader(fields, &options) }
    let names = options.columns ?? fields.map { String($0) }
    var known: Set<String> = []
    for name in names where !name.isEmpty && !known.insert(name).inserted {
      throw BadRow(line: 1, message: "the header names the column '\(Shown.text(name))' twice")
    }
    var opened = Opened(layout: try RowLayout(names, options, path: lines.path), separator: separator)
    if options.columns != nil { opened.ahead.append(.row(fields: fields, line: 1)) }
    return opened
  }

  private static func openJSON(_ lines: LineReader, _ options: ReadOptions) throws -> Opened {
    let start = try JSONRows.start(lines, upTo: rowsAhead)
    let names = start.names
    guard !names.isEmpty else { throw BadRow(line: 1, message: "the file has no rows") }
    // Each row has a cell for each.
    guard names.count <= membersMax else {
      throw BadRow(line: 1, message: "the rows have more than \(membersMax) different members")
    }
    var places: [String: Int] = [:]
    for (place, name) in names.enumerated() { places[name] = place }
    var opened = Opened(layout: try RowLayout(names, options, path: lines.path), memberPlaces: places)
    opened.ahead = start.bad.map { .bad($0) }
    if start.isDocument {
      opened.records = start.records.reversed()
    } else {
      opened.ahead += start.records.map { .row(fields: JSONRows.fields($0, places), line: $0.line) }
    }
    return opened
  }

  /// The columns of a file whose first line is a row already; nil where it is a header.
  private static func namesWithoutHeader(_ fields: [Substring], _ options: inout ReadOptions) throws(BadRow)
    -> [String]?
  {
    let isRow = fields.contains { NumberText.double($0) != nil }
    guard isRow else { return nil }
    if let format = options.format ?? FileFormat.recognised(firstRow: fields), let names = format.columns {
      options.format = format
      return names
    }
    throw BadRow(
      line: 1,
      message:
        "the first line is a row, not a header: '\(Shown.text(fields.joined(separator: ","), upTo: 100))'; pass --no-header --columns with the columns' names"
    )
  }

  private func learn() throws {
    while ahead.count < Self.rowsAhead {
      do {
        guard let (fields, line) = try readFields() else {
          ahead.append(.end(nil))
          break
        }
        ahead.append(.row(fields: fields, line: line))
      } catch let bad as BadRow {
        ahead.append(.bad(bad))
      } catch let damage as DataFileError {
        // It is told when the rows before it have been returned.
        ahead.append(.end(damage))
        break
      }
    }
    let rows = ahead.compactMap { ahead in
      if case .row(let fields, let line) = ahead { (fields: fields, line: line) } else { nil }
    }
    try layout.learn(rows)
    // Refused before anything is sent.
    guard !sorts else { return }
    var order = RowOrder(path: lines.path)
    for (fields, line) in rows {
      let row = Row(fields: fields, layout: layout, line: line)
      if !row.isForeign, let row = try? read(row) { try order.check(row, line: line) }
    }
    try order.checkAll()
  }

  /// The fields of the next line that is not empty; nil at the end.
  private func readFields() throws -> (fields: [Substring], line: Int)? {
    if let memberPlaces, records != nil {
      guard let record = records?.popLast() else { return nil }
      return (JSONRows.fields(record, memberPlaces), record.line)
    }
    while let text = try lines.next() {
      guard !text.isEmpty else { continue }
      if let memberPlaces {
        guard let record = JSONRows.record(text, number: lines.line) else {
          throw BadRow(line: lines.line, message: "is no JSON object")
        }
        return (JSONRows.fields(record, memberPlaces), lines.line)
      }
      return (try CSVLine.fields(text, separator, number: lines.line), lines.line)
    }
    return nil
  }

  private func nextFields() throws -> (fields: [Substring], line: Int)? {
    guard aheadTaken < ahead.count else { return try readFields() }
    let next = ahead[aheadTaken]
    switch next {
    case .row(let fields, let line):
      aheadTaken += 1
      return (fields, line)
    case .bad(let bad):
      aheadTaken += 1
      throw bad
    // The end stays the end.
    case .end(let damage?): throw damage
    case .end(nil): return nil
    }
  }

  /// The next row; nil at the end. A bad row is thrown, and the one after it can be read.
  package func next() throws -> MarketRow? {
    guard sorts else {
      let row = try readNext()
      if let row, !layout.isOwn { try order.check(row, line: line) }
      return row
    }
    if sorted == nil { sorted = try readSorted() }
    if let bad = badRows.popLast() { throw bad }
    guard let (row, line) = sorted?.popLast() else { return nil }
    self.line = line
    return row
  }

  private func readSorted() throws -> [(row: MarketRow, line: Int)] {
    var rows: [(row: MarketRow, line: Int)] = []
    while true {
      do {
        guard let row = try readNext() else { break }
        guard rows.count < Self.sortedMax else {
          throw DataFileError.tooLong(lines.path, words: "has more than \(Self.sortedMax) rows, too many for --sort")
        }
        rows.append((row, line))
      } catch let bad as BadRow {
        badRows.append(bad)
      }
    }
    badRows.reverse()
    // Rows of one time stay as they stand.
    rows.sort { ($0.row.timeNanos, $0.line) > ($1.row.timeNanos, $1.line) }
    return rows
  }

  private func readNext() throws -> MarketRow? {
    while let (fields, line) = try nextFields() {
      self.line = line
      let row = Row(fields: fields, layout: layout, line: line)
      if row.isForeign { continue }
      return try read(row)
    }
    return nil
  }

  private func read(_ row: Row) throws(BadRow) -> MarketRow {
    switch kind {
    case .ticks: .tick(try TickRow(row))
    case .bars: .bar(try BarRow(row))
    case .fairValues: .fairValue(try FairValueRow(row))
    }
  }
}
