internal import DataFiles

/// `feed --dry-run`: a file as it was understood, without a server.
enum DryRun {
  private static let rowsShown = 5
  private static let badRowsShown = 10

  private struct Counts {
    var rows = 0
    var symbols: Set<String> = []
    var first = Int64.max
    var last = Int64.min
    var notForPrices = 0
    var notForVolume = 0
    var officialCloses = 0
    var partials = 0
    var bad = 0

    mutating func add(_ row: MarketRow) {
      rows += 1
      symbols.insert(row.symbol)
      first = min(first, row.timeNanos)
      last = max(last, row.timeNanos)
      switch row {
      case .tick(let tick):
        if tick.conditions & 1 != 0 { notForPrices += 1 }
        if tick.conditions & 2 != 0 { notForVolume += 1 }
        if tick.conditions & 4 != 0 { officialCloses += 1 }
      case .bar(let bar): if bar.isPartial { partials += 1 }
      case .fairValue: break
      }
    }
  }

  static func show(_ reader: MarketReader, _ path: String) throws {
    let layout = reader.layout
    Output.line("\(path): \(layout.kind.words)\(layout.format.map { ", read as \($0.words)" } ?? "")")
    for note in layout.notes { Output.line("  \(Cells.tame(note))") }
    Output.line("columns")
    for (field, words) in layout.account {
      Output.line("  \(field.padding(toWidth: 12)) \(Cells.tame(words))")
    }
    Output.line("first rows")
    var counts = Counts()
    var isAtEnd = false
    while !isAtEnd {
      do {
        guard let row = try reader.next() else {
          isAtEnd = true
          continue
        }
        counts.add(row)
        if counts.rows <= rowsShown { Output.line("  line \(reader.line): \(Cells.tame(text(row)))") }
      } catch let bad as BadRow {
        counts.bad += 1
        if counts.bad <= badRowsShown { Output.note("line \(bad.line): \(Cells.tame(bad.message))") }
      } catch let damage as DataFileError {
        throw CommandFailure.reading(damage)
      }
    }
    for line in lines(counts, layout.kind) { Output.line(line) }
    if let failure = FeedReport.unusable(unread: counts.bad, rejected: 0) { throw failure }
  }

  private static func text(_ row: MarketRow) -> String {
    let head = "\(TimeText.words(row.timeNanos)) \(row.symbol)"
    switch row {
    case .tick(let tick):
      return "\(head) price \(tick.price) size \(tick.size)"
        + (tick.conditions == 0 ? "" : " conditions \(tick.conditions)")
    case .bar(let bar):
      return "\(head) open \(bar.open) high \(bar.high) low \(bar.low) close \(bar.close) volume \(bar.volume)"
    case .fairValue(let value): return "\(head) fmv \(value.fairValue)"
    }
  }

  private static func lines(_ counts: Counts, _ kind: MarketReader.Kind) -> [String] {
    var lines = [
      "counts", "  \(counts.rows) \(kind.words), \(counts.symbols.count) symbol\(counts.symbols.count == 1 ? "" : "s")",
    ]
    if counts.rows > 0 { lines.append("  from \(TimeText.words(counts.first)) to \(TimeText.words(counts.last))") }
    func tell(_ count: Int, _ words: String) { if count > 0 { lines.append("  \(count) \(words)") } }
    tell(counts.notForPrices, "not for prices (odd lots and ineligible prints: condition bit 0)")
    tell(counts.notForVolume, "not for volume (condition bit 1)")
    tell(counts.officialCloses, "official closes (condition bit 2)")
    tell(counts.partials, "partial")
    tell(counts.bad, "cannot be read")
    return lines
  }
}

extension String {
  fileprivate func padding(toWidth width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
