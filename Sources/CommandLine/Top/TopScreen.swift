internal import Channels
internal import Foundation
internal import LockFree
internal import WireCodec

/// The screen of `penstock top`: a pure function of what is known and of the terminal's size.
struct TopScreen {
  let state: TopState
  let width: Int
  let height: Int
  /// Whether somebody sits before it: then the chosen line and the keys are shown.
  var isInteractive = true

  /// Exactly `height` lines of exactly `width` columns, whatever the size.
  var lines: [StyledLine] {
    guard width > 0, height > 0 else {
      return (0..<max(0, height)).map { _ in StyledLine() }
    }
    let channels = state.channels
    let plan = TopPlan(height: height, channels: channels.count, hasKeys: isInteractive)
    var lines: [StyledLine] = []
    if plan.title > 0 { lines.append(title) }
    lines += figures.prefix(plan.figures)
    let table = TopTable(channels: channels, width: width)
    if plan.head > 0 { lines.append(table.head) }
    lines += rows(table, channels, plan.rows)
    if plan.reason > 0 { lines.append(reason(channels)) }
    if plan.eventsHead > 0 { lines.append(StyledLine(TopEvents.head, .strong)) }
    lines += TopEvents.lines(state.events, count: plan.events)
    while lines.count < height - plan.keys { lines.append(StyledLine()) }
    if plan.keys > 0 { lines.append(keys) }
    return lines.map { $0.fitted(width) }
  }

  private var title: StyledLine {
    var line = StyledLine("penstock top", .strong)
    line.add("  \(state.address)")
    if let trouble = state.trouble {
      line.add("  \(trouble)", .bad)
    } else if let snapshot = state.snapshot {
      line.add("  up \(Figure.span(snapshot.server.uptimeNanos))  \(UTCTime.text(snapshot.timestampNanos))")
    } else {
      line.add("  waiting for the first metrics", .faint)
    }
    return line
  }

  private var figures: [StyledLine] {
    let server = state.snapshot?.server ?? ServerMetricsSnapshot()
    let rates = state.rates
    func rate(_ value: Double?) -> String { value.map { Figure.rate($0) } ?? "–" }
    func line(_ cells: [(String, String)]) -> StyledLine {
      var line = StyledLine()
      for (index, cell) in cells.enumerated() {
        line.add((index == 0 ? "" : "   ") + cell.0 + " ", .faint)
        line.add(cell.1)
      }
      return line
    }
    let latency = server.tickToEvent
    return [
      line([
        ("items/s", rate(rates?.items)), ("events/s", rate(rates?.events)),
        ("tick to event p50", Figure.latency(latency.p50, of: latency)),
        ("p99", Figure.latency(latency.p99, of: latency)),
      ]),
      line([
        ("connections", Figure.count(server.connections)), ("subscribers", Figure.count(server.subscribers)),
        ("memory", Figure.bytes(server.residentBytes)),
        ("CPU", rates.map { String(format: "%.0f %%", min($0.cpu * 100, 99_999)) } ?? "–"),
      ]),
    ]
  }

  /// As many rows as there is room for, the chosen one among them.
  private func rows(_ table: TopTable, _ channels: [ChannelMetricsSnapshot], _ count: Int) -> [StyledLine] {
    let chosen = isInteractive ? state.chosenIndex(in: channels) : nil
    let first = max(0, (chosen ?? 0) - count + 1)
    return channels.indices.dropFirst(first).prefix(count).map { index in
      var line = table.line(channels[index], isChosen: index == chosen)
      line.isChosen = index == chosen
      return line
    }
  }

  /// Why the chosen channel is as it is; nobody having chosen, the first that has a reason.
  private func reason(_ channels: [ChannelMetricsSnapshot]) -> StyledLine {
    let chosen =
      isInteractive
      ? state.chosenIndex(in: channels).map { channels[$0] } : channels.first { !$0.healthReasons.isEmpty }
    guard let chosen, !chosen.healthReasons.isEmpty else { return StyledLine() }
    return StyledLine(
      "\(chosen.channel): \(chosen.healthReasons.joined(separator: "; "))", TopTable.style(of: chosen.health))
  }

  private var keys: StyledLine {
    if !state.notice.isEmpty { return StyledLine(state.notice, .warning) }
    return StyledLine("q quit  ↑↓ choose  p pause, resume  s sort (\(state.order.rawValue))", .faint)
  }
}

/// How many lines each part of the screen gets. Pure.
struct TopPlan: Equatable {
  private(set) var title = 0
  private(set) var figures = 0
  private(set) var head = 0
  private(set) var rows = 0
  private(set) var reason = 0
  private(set) var eventsHead = 0
  private(set) var events = 0
  private(set) var keys = 0

  /// What is needed most is served first: on a screen of one line that is the title.
  init(height: Int, channels: Int, hasKeys: Bool) {
    var left = height
    func take(_ count: Int) -> Int {
      let taken = min(max(0, count), left)
      left -= taken
      return taken
    }
    title = take(1)
    rows = take(min(1, channels))
    head = take(1)
    figures = take(2)
    keys = take(hasKeys ? 1 : 0)
    // Events keep a share: many channels can be scrolled, events cannot.
    let reserved = min(left / 2, 7)
    rows += take(min(channels - rows, left - reserved))
    reason = take(1)
    eventsHead = left > 1 ? take(1) : 0
    events = eventsHead > 0 ? take(left) : 0
  }
}
