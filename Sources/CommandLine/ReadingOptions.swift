internal import ArgumentParser
internal import DataFiles
internal import MarketData

/// What `feed` and `replay` may be told about files that are not ours.
struct ReadingOptions: ParsableArguments {
  @Option(name: .long, help: "Which column is what: symbol=ticker,timestamp=sip_timestamp,…")
  var map: [String] = []

  @Option(
    name: .customLong("time-unit"), help: "Of times that are numbers: s, ms, us or ns; else by the first one's size.")
  var timeUnit: String?

  @Option(name: .customLong("time-zone"), help: "Of times that tell none, such as America/New_York; else UTC.")
  var timeZone: String?

  @Option(name: .customLong("date-order"), help: "Of dates such as 02/01/2024: mdy or dmy.")
  var dateOrder: String?

  @Option(name: .long, help: "The symbol of a file without a column for it.")
  var symbol: String?

  @Option(name: .long, help: "How long bars are whose rows do not tell it: 1m, 5m, 1h, 1d.")
  var duration: String?

  @Flag(name: .customLong("no-header"), help: "The first line is a row; --columns a,b,c or --format names the columns.")
  var noHeader = false

  @Option(name: .long, help: "The file's source, where it is not recognised by itself; an unknown one lists all.")
  var format: String?

  @Flag(name: .long, help: "Sort the rows by time first, in memory.")
  var sort = false

  /// - Parameter columns: the columns' names of a file without a header.
  func options(columns: String?) throws -> ReadOptions {
    var options = ReadOptions()
    options.sorts = sort
    options.map = try map.isEmpty ? [] : ListOption.entries(map, "--map").map(Self.mapping)
    if let timeUnit {
      guard let unit = TimeUnit(text: timeUnit) else { throw Self.refusal("--time-unit", timeUnit, "s, ms, us or ns") }
      options.unit = unit
    }
    if let timeZone {
      guard let zone = TimeZoneRules(identifier: timeZone) else {
        throw Self.refusal("--time-zone", timeZone, "a name of the time zone database, such as America/New_York or UTC")
      }
      (options.zone, options.zoneName) = (zone, timeZone)
    }
    if let dateOrder {
      guard let order = DateOrder(rawValue: dateOrder.lowercased()) else {
        throw Self.refusal("--date-order", dateOrder, "mdy or dmy")
      }
      options.dateOrder = order
    }
    if let duration {
      guard let nanos = DurationText.parse(duration), nanos > 0 else {
        throw Self.refusal("--duration", duration, "a duration such as 1m, 5m, 1h or 1d")
      }
      options.durationNanos = nanos
    }
    if let format {
      guard let found = FileFormat(text: format) else {
        throw Self.refusal("--format", format, FileFormat.allCases.map(\.rawValue).joined(separator: ", "))
      }
      options.format = found
    }
    if let symbol {
      guard !symbol.isEmpty else { throw Self.refusal("--symbol", symbol, "1 to 64 bytes") }
      options.symbol = symbol
    }
    guard noHeader == (columns != nil) || noHeader && options.format?.columns != nil else {
      throw CommandFailure(
        .usage,
        noHeader
          ? "--no-header takes --columns with the columns' names"
          : "--columns a,b,c is for files without a header: pass --no-header, too")
    }
    options.columns =
      try columns.map { try ListOption.entries([$0], "--columns") } ?? (noHeader ? options.format?.columns : nil)
    return options
  }

  private static func mapping(_ entry: String) throws -> (field: Field, column: String) {
    let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let field = Field(name: parts[0]) else {
      throw refusal(
        "--map", entry, "FIELD=COLUMN, the field one of \(Field.allCases.map(\.name).joined(separator: ", "))")
    }
    return (field, parts[1])
  }

  private static func refusal(_ option: String, _ value: String, _ words: String) -> CommandFailure {
    CommandFailure(.usage, "\(option) is '\(Cells.tame(value))'; must be \(words)")
  }
}
