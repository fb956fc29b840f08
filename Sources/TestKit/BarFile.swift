package import Foundation
package import MarketData

/// The bars of a CSV file `symbol,start_ns,duration_ns,open,high,low,close,volume,vwap,trades[,partial]`, with a number for each symbol.
package struct BarFile {
  package private(set) var symbols: [String] = []
  package private(set) var bars: [Bar] = []

  package init(gzipped file: URL) throws {
    var ids: [Substring: SymbolID] = [:]
    let lines = try SharedFiles.gunzip(file).split(separator: "\n")
    let partialColumn = lines.first?.split(separator: ",").firstIndex(of: "partial")
    for line in lines.dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count >= 10, let start = Int64(fields[1]), let duration = Int64(fields[2]) else { continue }
      let prices = fields[3...7].compactMap { Double($0) }
      guard prices.count == 5 else { continue }
      let id = ids[fields[0]] ?? SymbolID(UInt32(symbols.count))
      if ids[fields[0]] == nil {
        ids[fields[0]] = id
        symbols.append(String(fields[0]))
      }
      var bar = Bar(
        symbol: id, start: UnixNanos(start), durationNanos: duration, open: prices[0], high: prices[1],
        low: prices[2], close: prices[3], volume: prices[4], vwap: Double(fields[8]) ?? 0,
        tradeCount: UInt64(fields[9]) ?? 0)
      bar.isPartial = partialColumn.map { fields.indices.contains($0) && fields[$0] == "1" } ?? false
      bars.append(bar)
    }
  }
}
