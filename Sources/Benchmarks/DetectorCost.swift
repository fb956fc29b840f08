internal import DataFiles
internal import Detection
internal import MarketData

/// The cost of the tick detectors: all of them, none, and each alone.
///
/// `detectors [SYMBOLS] [CASE]`: a made-up market of so many symbols [500], 2,000,000 ticks at 5 a second and symbol, from five minutes before the
/// opening of a US stock exchange; the second half, which begins 100 s after it, is measured. Under callgrind name one case, and subtract the case
/// `idle`, which only plays. In the case `odd_lots` eight ticks of thirteen are odd lots, with all detectors on.
enum DetectorCost {
  private static let ticks = 2_000_000

  private static let cases: [(name: String, settings: TickDetectorSettings?)] = [
    ("idle", nil),
    ("none", settings { _ in }),
    ("high_low", settings { $0.highLow.enabled = true }),
    ("surge", settings { $0.surge.enabled = true }),
    ("volume_spike", settings { $0.volumeSpike.enabled = true }),
    ("trend", settings { $0.trend.enabled = true }),
    ("vwap_cross", settings { $0.vwapCross.enabled = true }),
    ("opening_range", settings { $0.openingRange.enabled = true }),
    ("gap", settings { $0.gap.enabled = true }),
    ("bars of 1 min", settings { $0.barsNanos = [60_000_000_000] }),
    ("all", TickDetectorSettings()),
    ("odd_lots", TickDetectorSettings()),
  ]

  private static func settings(_ change: (inout TickDetectorSettings) -> Void) -> TickDetectorSettings {
    var settings = TickDetectorSettings.allOff
    change(&settings)
    return settings
  }

  static func run(_ arguments: [String]) {
    let symbols = arguments.first.flatMap { Int($0) } ?? 500
    var market = market(symbols: symbols)
    print("\(symbols) symbols, \(market.count) ticks")
    for (name, settings) in cases where arguments.count < 2 || arguments[1] == name {
      if name == "odd_lots" {
        for index in market.indices where index % 13 < 8 { market[index].conditions = .notEligibleForPrices }
      }
      var engine = settings.map { settings in
        TickEngine(profiles: [TickProfile(name: "default", calendar: .usEquities, settings: settings)])
      }
      var events: [MarketEvent] = []
      var seen = 0
      let half = market.count / 2
      play(market[..<half], &engine, &events, &seen)
      let first = seen
      let cost = Stopwatch.cpuNanos { play(market[half...], &engine, &events, &seen) }
      print(
        "  \(name.padded(to: 14)) \((Double(cost) / Double(half)).fixed(1).padded(to: 8, left: true)) ns a tick"
          + "   one event in \(seen > first ? half / (seen - first) : 0)")
    }
  }

  @inline(never)
  private static func play(
    _ market: ArraySlice<Tick>, _ engine: inout TickEngine?, _ events: inout [MarketEvent], _ seen: inout Int
  ) {
    for tick in market {
      guard engine != nil else {
        seen &+= tick.price > 1e9 ? 1 : 0
        continue
      }
      _ = engine?.process(tick, profile: 0, events: &events)
      guard !events.isEmpty else { continue }
      seen += events.count
      events.removeAll(keepingCapacity: true)
    }
  }

  private static func market(symbols: Int) -> [Tick] {
    var generator = MarketGenerator(
      seed: 7, symbols: symbols, rate: 5 * Double(symbols), startNanos: 1_715_779_500_000_000_000)
    var numbers: [String: UInt32] = [:]
    return (0..<ticks).map { _ in
      let row = generator.next()
      let number = numbers[row.symbol] ?? UInt32(numbers.count)
      numbers[row.symbol] = number
      return Tick(
        symbol: SymbolID(number), conditions: [], eventTime: UnixNanos(row.timestampNanos), price: row.price,
        size: row.size)
    }
  }
}

extension TickDetectorSettings {
  /// Only the print filter and the seconds' window, which nothing switches off.
  static var allOff: TickDetectorSettings {
    var settings = TickDetectorSettings()
    settings.highLow.enabled = false
    settings.surge.enabled = false
    settings.volumeSpike.enabled = false
    settings.trend.enabled = false
    settings.vwapCross.enabled = false
    settings.openingRange.enabled = false
    settings.gap.enabled = false
    return settings
  }
}
