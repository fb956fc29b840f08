internal import Channels
internal import LockFree
internal import Server
internal import WireCodec

/// The channels of `penstock top`, in as many columns as the width allows. Pure.
struct TopTable {
  private enum Column: CaseIterable {
    case name, type, state, breaker, health, depth, rate, dropped, failed, p99, symbols
  }

  /// On narrow screens the least needed column goes first.
  private static let leastNeeded: [Column] = [
    .type, .symbols, .failed, .dropped, .p99, .breaker, .depth, .health, .rate, .state,
  ]
  private static let nameMin = 10
  private static let nameMax = 32
  private static let barMax = 24

  private let columns: [Column]
  private let widths: [Int]

  init(channels: [ChannelMetricsSnapshot], width: Int) {
    var columns = Column.allCases
    // One for the mark, one space between columns. All of it is 80.
    func total(_ columns: [Column]) -> Int { columns.reduce(columns.count) { $0 + Self.width(of: $1) } }
    for column in Self.leastNeeded where total(columns) > width { columns.removeAll { $0 == column } }
    var widths = columns.map(Self.width)
    // Room that is left goes to long names, then to the bars of depths.
    var left = max(0, width - total(columns))
    let longest = channels.map { Cells.width(of: Cells.tame($0.channel)) }.max() ?? 0
    let more = min(left, max(0, min(longest, Self.nameMax) - Self.nameMin))
    widths[0] += more
    left -= more
    if let depth = columns.firstIndex(of: .depth) { widths[depth] += min(left, Self.barMax - widths[depth]) }
    self.columns = columns
    self.widths = widths
  }

  private static func width(of column: Column) -> Int {
    switch column {
    case .name: nameMin
    case .type: 4
    case .state: 8
    case .breaker: 6
    case .health: 9
    case .depth, .dropped, .failed, .p99, .symbols: 5
    case .rate: 7
    }
  }

  private static func isNumber(_ column: Column) -> Bool {
    [.rate, .dropped, .failed, .p99, .symbols].contains(column)
  }

  var head: StyledLine {
    var line = StyledLine(" ", .strong)
    for (index, column) in columns.enumerated() {
      let title =
        switch column {
        case .name: "name"
        case .type: "type"
        case .state: "state"
        case .breaker: "break"
        case .health: "health"
        case .depth: "depth"
        case .rate: "items/s"
        case .dropped: "drop"
        case .failed: "fail"
        case .p99: "p99"
        case .symbols: "syms"
        }
      line.add(gap(index) + Cells.fit(title, widths[index], right: Self.isNumber(column)), .strong)
    }
    return line
  }

  func line(_ channel: ChannelMetricsSnapshot, isChosen: Bool) -> StyledLine {
    var line = StyledLine(isChosen ? ">" : " ")
    for (index, column) in columns.enumerated() {
      let (text, style) = cell(column, of: channel, width: widths[index])
      line.add(gap(index) + Cells.fit(text, widths[index], right: Self.isNumber(column)), style)
    }
    return line
  }

  private func gap(_ index: Int) -> String { index == 0 ? "" : " " }

  private func cell(
    _ column: Column, of channel: ChannelMetricsSnapshot, width: Int
  ) -> (String, StyledLine.Style) {
    switch column {
    case .name: (channel.channel, .strong)
    case .type: (channel.type.configurationName, .plain)
    case .state:
      (
        channel.state.wireName.lowercased(),
        channel.state == .running ? .plain : channel.state == .failed ? .bad : .warning
      )
    case .breaker:
      switch channel.breaker {
      case .closed: ("closed", .plain)
      case .open: ("open", .bad)
      case .halfOpen: ("half", .warning)
      }
    case .health: (channel.health.wireName.lowercased(), Self.style(of: channel.health))
    case .depth: (Self.bar(channel.ringDepth, of: channel.ringCapacity, width: width), .plain)
    case .rate: (Figure.rate(channel.itemsPerSecond), .plain)
    case .dropped: (Figure.count(channel.dropped), channel.dropped == 0 ? .plain : .warning)
    case .failed: (Figure.count(channel.failed), channel.failed == 0 ? .plain : .bad)
    case .p99: (Figure.latency(channel.queueLatency.p99, of: channel.queueLatency), .plain)
    case .symbols: (Figure.count(channel.symbols), .plain)
    }
  }

  static func style(of health: Health) -> StyledLine.Style {
    switch health {
    case .healthy: .good
    case .degraded: .warning
    case .unhealthy: .bad
    }
  }

  /// A ring's filling, in eighths of a column; the least shows as soon as anything is in it.
  static func bar(_ depth: UInt64, of capacity: UInt64, width: Int) -> String {
    guard width > 0 else { return "" }
    let part = capacity == 0 ? 0 : min(1, Double(depth) / Double(capacity))
    let eighths = max(depth > 0 ? 1 : 0, Int((part * Double(width * 8)).rounded(.down)))
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    let text = String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    return text + String(repeating: "·", count: width - text.count)
  }
}
