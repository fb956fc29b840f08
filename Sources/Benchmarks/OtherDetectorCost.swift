internal import DataFiles
internal import Detection
internal import MarketData

/// The cost of the detectors of bars and of fair values: all of them, none, and each alone.
///
/// `bars [SYMBOLS] [CASE]`, `fair-values [SYMBOLS] [CASE]`: so many symbols [500] in turn, 400,000 items of a made-up market, bars of a minute; the
/// second half is measured. Under callgrind name one case, and subtract the case `idle`, which only plays.
enum OtherDetectorCost {
  private static let items = 400_000
  private static let start: Int64 = 1_715_731_200_000_000_000

  private static let barCases: [(name: String, settings: BarDetectorSettings?)] = [
    ("idle", nil),
    ("none", barSettings { _ in }),
    ("gap", barSettings { $0.gap.enabled = true }),
    ("significant_move", barSettings { $0.significantMove.enabled = true }),
    ("volume_spike", barSettings { $0.volumeSpike.enabled = true }),
    ("high_low", barSettings { $0.highLow.enabled = true }),
    ("aggregate", barSettings { $0.aggregate.enabled = true }),
    ("all", BarDetectorSettings()),
  ]

  private static func barSettings(_ change: (inout BarDetectorSettings) -> Void) -> BarDetectorSettings {
    var settings = BarDetectorSettings()
    settings.gap.enabled = false
    settings.significantMove.enabled = false
    settings.volumeSpike.enabled = false
    settings.highLow.enabled = false
    settings.aggregate.enabled = false
    change(&settings)
    return settings
  }

  static func runBars(_ arguments: [String]) {
    let symbols = arguments.first.flatMap { Int($0) } ?? 500
    let bars = rows(symbols: symbols).enumerated().map { index, row in
      Bar(
        symbol: SymbolID(UInt32(index % symbols)), start: UnixNanos(start + Int64(index / symbols) * 60_000_000_000),
        durationNanos: 60_000_000_000, open: row.price, high: row.price * 1.001, low: row.price * 0.999,
        close: row.price * 1.000_5, volume: row.size, vwap: row.price, tradeCount: 1)
    }
    for (name, settings) in barCases where arguments.count < 2 || arguments[1] == name {
      var engine = settings.map { settings in
        BarEngine(profiles: [BarProfile(name: "default", calendar: .continuous, settings: settings)])
      }
      measure(name, bars) { bar, events in
        guard engine != nil else { return bar.close > 1e9 }
        _ = engine?.process(bar, profile: 0, events: &events)
        return false
      }
    }
  }

  static func runFairValues(_ arguments: [String]) {
    let symbols = arguments.first.flatMap { Int($0) } ?? 500
    let values = rows(symbols: symbols).enumerated().map { index, row in
      FairMarketValue(
        symbol: SymbolID(UInt32(index % symbols)), model: 0, eventTime: UnixNanos(start + Int64(index) * 1_000_000),
        fairValue: row.price, marketPrice: row.price * (1 + Double(index % 97 - 48) / 2_000), confidence: 1)
    }
    for (name, isOn) in [("idle", nil), ("none", false), ("all", true)] as [(String, Bool?)]
    where arguments.count < 2 || arguments[1] == name {
      var engine = isOn.map { isOn in
        var settings = FairValueSettings()
        settings.valuation.enabled = isOn
        return FairValueEngine(
          profiles: [FairValueProfile(name: "default", calendar: .continuous, settings: settings)])
      }
      measure(name, values) { value, events in
        guard engine != nil else { return value.fairValue > 1e9 }
        _ = engine?.process(value, profile: 0, lastPrice: { _ in nil }, events: &events)
        return false
      }
    }
  }

  private static func measure<Item>(
    _ name: String, _ items: [Item], _ take: (Item, inout [MarketEvent]) -> Bool
  ) {
    var events: [MarketEvent] = []
    var seen = 0
    let half = items.count / 2
    play(items[..<half], &events, &seen, take)
    let first = seen
    let cost = Stopwatch.cpuNanos { play(items[half...], &events, &seen, take) }
    print(
      "  \(name.padded(to: 18)) \((Double(cost) / Double(half)).fixed(1).padded(to: 8, left: true)) ns an item"
        + "   one event in \(seen > first ? half / (seen - first) : 0)")
  }

  @inline(never)
  private static func play<Item>(
    _ items: ArraySlice<Item>, _ events: inout [MarketEvent], _ seen: inout Int,
    _ take: (Item, inout [MarketEvent]) -> Bool
  ) {
    for item in items {
      if take(item, &events) { seen &+= 1 }
      guard !events.isEmpty else { continue }
      seen += events.count
      events.removeAll(keepingCapacity: true)
    }
  }

  /// Prices and sizes, of each symbol a walk of its own.
  private static func rows(symbols: Int) -> [TickRow] {
    var generators = (0..<symbols).map {
      MarketGenerator(seed: UInt64($0), symbols: 1, rate: 1, startNanos: start)
    }
    return (0..<items).map { generators[$0 % symbols].next() }
  }
}
