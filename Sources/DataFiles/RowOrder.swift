internal import MarketData

/// Whether the rows of a file run forwards in time, symbol by symbol: a file may have one symbol behind the other.
struct RowOrder {
  private let path: String
  /// Trades are reported late by some seconds, and the server judges those; a bar that is older than the newest is out of order.
  private static let ticksMayLagNanos: Int64 = 60_000_000_000

  init(path: String) { self.path = path }

  private var newest: [String: (time: Int64, line: Int)] = [:]
  private var forwards = 0
  private var backwards = 0
  private var firstBackwards: (older: (time: Int64, line: Int), newer: (time: Int64, line: Int))?

  /// - Throws: `DataFileError.backwards`.
  mutating func check(_ row: MarketRow, line: Int) throws(DataFileError) {
    let time = row.timeNanos
    guard let last = newest.updateValue((time, line), forKey: row.symbol), time != last.time else { return }
    guard time < last.time else {
      forwards += 1
      return
    }
    newest[row.symbol] = last
    backwards += 1
    if firstBackwards == nil { firstBackwards = ((time, line), last) }
    let mayLag = if case .bar = row { Int64(0) } else { Self.ticksMayLagNanos }
    if last.time - time > mayLag { throw problem((time, line), last) }
  }

  /// Of the first rows: more of them backwards than forwards is no lateness.
  func checkAll() throws(DataFileError) {
    if backwards > forwards, let (older, newer) = firstBackwards { throw problem(older, newer) }
  }

  private func problem(_ older: (time: Int64, line: Int), _ newer: (time: Int64, line: Int)) -> DataFileError {
    .backwards(
      "\(path): the rows run backwards: line \(older.line) (\(TimeText.words(older.time))) is older than line \(newer.line) (\(TimeText.words(newer.time))) of the same symbol; pass --sort, which holds all rows in memory"
    )
  }
}
