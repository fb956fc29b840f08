/// A made-up market: many symbols whose prices wander with clustered volatility, trend for a while, burst on volume, and now and then print
/// nonsense. The same seed gives the same ticks.
///
/// Not a model of anything: a source of input that makes every detector work.
package struct MarketGenerator {
  private struct Instrument {
    let traded: MadeUpInstrument
    var price: Double
    /// Per square root of a second, of a US stock: `liveliness` multiplies it.
    var volatility: Double
    /// No price lies below it.
    let floor: Double
    /// Of the logarithm, per second.
    var drift = 0.0
    var driftUntil = 0.0
    var burstUntil = 0.0
    var burstDrift = 0.0
    var lastTime = 0.0
  }

  private var instruments: [Instrument] = []
  private var random: Random
  private let startNanos: Int64
  /// Seconds since the start.
  private var time = 0.0
  private let meanGap: Double
  private let nonsense: Nonsense

  /// Prints that are far from the market: how many of all, and how far.
  package struct Nonsense: Sendable {
    package var share: Double
    package var factors: (down: Double, up: Double)

    package init(share: Double, factors: (down: Double, up: Double)) {
      self.share = share
      self.factors = factors
    }

    package static let ofStocks = Nonsense(share: 0.000_01, factors: (0.96, 1.04))
  }

  /// Stocks.
  /// - Parameters:
  ///   - rate: ticks a second of market time, over all symbols.
  package init(seed: UInt64, symbols: Int, rate: Double, startNanos: Int64) {
    self.init(seed: seed, rate: rate, startNanos: startNanos, nonsense: .ofStocks)
    for index in 0..<max(1, symbols) {
      let price = 5 * 1.9 * (1 + random.unit() * 60)
      add(MadeUpInstrument(Self.symbol(index), price: price, stepsPerUnit: 100, lot: 100), floor: 0.5)
    }
  }

  /// - Parameter instruments: what is traded, the busiest first.
  package init(
    seed: UInt64, instruments: [MadeUpInstrument], rate: Double, startNanos: Int64, nonsense: Nonsense
  ) {
    self.init(seed: seed, rate: rate, startNanos: startNanos, nonsense: nonsense)
    for instrument in instruments { add(instrument, floor: 10 / instrument.stepsPerUnit) }
  }

  private init(seed: UInt64, rate: Double, startNanos: Int64, nonsense: Nonsense) {
    random = Random(state: seed)
    self.startNanos = startNanos
    self.nonsense = nonsense
    meanGap = 1 / max(rate, 1e-9)
  }

  private mutating func add(_ traded: MadeUpInstrument, floor: Double) {
    instruments.append(
      Instrument(traded: traded, price: traded.price, volatility: 0.000_04 * (1 + 3 * random.unit()), floor: floor))
  }

  /// What is traded.
  package var symbols: [String] { instruments.map(\.traded.symbol) }

  /// A, B … Z, AA, AB …
  static func symbol(_ index: Int) -> String {
    var rest = index
    var name = ""
    repeat {
      name = String(UnicodeScalar(UInt8(65 + rest % 26))) + name
      rest = rest / 26 - 1
    } while rest >= 0
    return name
  }

  package mutating func next() -> TickRow {
    time += meanGap * random.exponential()
    // A few symbols trade most: the square of a uniform number.
    let draw = random.unit()
    let index = min(instruments.count - 1, Int(draw * draw * Double(instruments.count)))
    var instrument = instruments[index]
    let elapsed = min(30, time - instrument.lastTime)
    instrument.lastTime = time
    if time >= instrument.driftUntil {
      // Three of four stretches go nowhere.
      let trends = random.unit() < 0.25
      instrument.drift = trends ? random.normal() * 0.000_008 : 0
      instrument.driftUntil = time + 120 + 600 * random.unit()
      instrument.volatility = min(0.000_4, max(0.000_03, instrument.volatility * (1 + 0.3 * random.normal())))
    }
    if time >= instrument.burstUntil, random.unit() < 0.000_15 {
      instrument.burstUntil = time + 15 + 25 * random.unit()
      instrument.burstDrift = (random.unit() < 0.5 ? -1 : 1) * (0.000_1 + 0.000_15 * random.unit())
    }
    let bursts = time < instrument.burstUntil
    let step =
      instrument.volatility * elapsed.squareRoot() * random.normal()
      + (instrument.drift + (bursts ? instrument.burstDrift : 0)) * elapsed
    let traded = instrument.traded
    instrument.price = max(instrument.floor, instrument.price * (1 + step * traded.liveliness))
    var printed = traded.onGrid(instrument.price)
    if random.unit() < nonsense.share {
      printed = traded.onGrid(printed * (random.unit() < 0.5 ? nonsense.factors.down : nonsense.factors.up))
    }
    let lots = 1 + Int(random.exponential() * (bursts ? 30 : 3))
    instruments[index] = instrument
    return TickRow(
      symbol: traded.symbol, timestampNanos: startNanos &+ Int64(time * 1e9), price: printed,
      size: Double(lots) * traded.lot)
  }

  /// splitmix64; see Steele, Lea, Flood: "Fast splittable pseudorandom number generators".
  private struct Random {
    var state: UInt64

    mutating func unit() -> Double {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return Double((mixed ^ (mixed >> 31)) >> 11) / 9_007_199_254_740_992
    }

    /// The sum of twelve uniform numbers: near enough to a normal one, and the same on every machine.
    mutating func normal() -> Double {
      var sum = -6.0
      for _ in 0..<12 { sum += unit() }
      return sum
    }

    /// Mean 1, by von Neumann's comparison method, which needs no logarithm.
    mutating func exponential() -> Double {
      var whole = 0.0
      while true {
        let first = unit()
        var last = first
        var count = 1
        while true {
          let next = unit()
          if next >= last { break }
          last = next
          count += 1
        }
        if count % 2 == 1 { return whole + first }
        whole += 1
      }
    }
  }
}
