/// Rows in columns as wide as they need, the first giving way where all do not fit. Pure.
struct TextTable {
  struct Column {
    var title: String
    /// Numbers stand at the right.
    var isNumber = false
  }

  private static let firstMin = 4

  let columns: [Column]
  var rows: [[String]] = []

  /// The head, then a line for each row, none wider than `width` as long as the first column can give way.
  func lines(width: Int) -> [String] {
    var widths = columns.indices.map { index in
      ([columns[index].title] + rows.map { $0[index] }).map { Cells.width(of: Cells.tame($0)) }.max() ?? 0
    }
    // Two spaces between columns where there is room for them.
    let gap = widths.reduce(0, +) + 2 * (columns.count - 1) <= width ? 2 : 1
    let others = widths.dropFirst().reduce(0, +) + gap * (columns.count - 1)
    if let first = widths.first { widths[0] = min(first, max(Self.firstMin, width - others)) }
    return ([columns.map(\.title)] + rows).map { row in
      let cells = columns.indices.map { Cells.fit(row[$0], widths[$0], right: columns[$0].isNumber) }
      return Cells.trimmed(cells.joined(separator: String(repeating: " ", count: gap)))
    }
  }
}
