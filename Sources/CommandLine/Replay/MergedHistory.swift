internal import DataFiles
internal import WireCodec

/// The rows of several files in the order of their times, as requests of rows of one kind.
struct MergedHistory {
  struct Request {
    var bytes: [UInt8]
    /// Where each item stands.
    var places: [String]
  }

  private struct Source {
    let path: String
    let reader: MarketReader
    var next: MarketRow?
    var line = 0
  }

  private static let rowsMax = 4_096
  private static let badRowsShown = 10

  private var sources: [Source] = []
  private var sequence: UInt64 = 0
  private(set) var badRows = 0

  init(_ files: [String], _ options: ReadOptions) throws {
    for path in files {
      do {
        let reader = try MarketReader(try LineReader(path: path), options)
        for note in reader.layout.words { Output.note("\(path): \(note)") }
        sources.append(Source(path: path, reader: reader))
      } catch {
        throw CommandFailure.opening(path, error)
      }
    }
    for index in sources.indices { try advance(index) }
  }

  /// The next rows of one kind; nil at the end of all files.
  mutating func next() throws -> Request? {
    var rows: [MarketRow] = []
    var places: [String] = []
    while rows.count < Self.rowsMax, let index = earliest, let row = sources[index].next,
      rows.last.map({ $0.isLike(row) }) ?? true
    {
      rows.append(row)
      places.append("\(sources[index].path) line \(sources[index].line)")
      try advance(index)
    }
    guard let first = rows.first else { return nil }
    sequence += 1
    return Request(bytes: MarketRow.request(rows, like: first, sequence: sequence, .columns), places: places)
  }

  /// The source with the oldest row; of several, the one that was named first.
  private var earliest: Int? {
    var found: Int?
    var time = Int64.max
    for index in sources.indices {
      guard let row = sources[index].next, found == nil || row.timeNanos < time else { continue }
      found = index
      time = row.timeNanos
    }
    return found
  }

  private mutating func advance(_ index: Int) throws {
    while true {
      do {
        sources[index].next = try sources[index].reader.next()
        sources[index].line = sources[index].reader.line
        return
      } catch let bad as BadRow {
        badRows += 1
        if badRows <= Self.badRowsShown { Output.note("\(sources[index].path) line \(bad.line): \(bad.message)") }
      } catch let damaged as DataFileError {
        throw CommandFailure.reading(damaged)
      }
    }
  }
}
