package import Foundation
package import MarketData

/// The ticks of a CSV file `symbol,timestamp_ns,price,size[,conditions]`, with a number for each symbol.
package struct TickFile {
  package private(set) var symbols: [String] = []
  package private(set) var ticks: [Tick] = []

  package init(gzipped file: URL) throws {
    var ids: [Substring: SymbolID] = [:]
    let lines = try SharedFiles.gunzip(file).split(separator: "\n")
    let conditionsColumn = lines.first?.split(separator: ",").firstIndex(of: "conditions")
    for line in lines.dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count >= 4, let time = Int64(fields[1]), let price = Double(fields[2]), let size = Double(fields[3])
      else { continue }
      let id = ids[fields[0]] ?? SymbolID(UInt32(symbols.count))
      if ids[fields[0]] == nil {
        ids[fields[0]] = id
        symbols.append(String(fields[0]))
      }
      let conditions = conditionsColumn.flatMap { fields.indices.contains($0) ? UInt32(fields[$0]) : nil } ?? 0
      ticks.append(
        Tick(
          symbol: id, conditions: TickConditions(rawValue: conditions), eventTime: UnixNanos(time), price: price,
          size: size))
    }
  }
}
