internal import Foundation
package import MarketData

/// A made-up board of options on some stocks and ETFs: five strikes around the price, calls and puts, of the next two monthly expiries.
package enum OptionsBoard {
  private struct Underlying {
    let root: String
    let price: Double
    let strikeStep: Double
    /// Of the logarithm, a year.
    let volatility: Double
    let liveliness: Double
  }

  /// The busiest first.
  private static let underlyings = [
    Underlying(root: "SPY", price: 685, strikeStep: 5, volatility: 0.14, liveliness: 0.5),
    Underlying(root: "QQQ", price: 620, strikeStep: 5, volatility: 0.19, liveliness: 0.7),
    Underlying(root: "NVDA", price: 182, strikeStep: 5, volatility: 0.42, liveliness: 1.2),
    Underlying(root: "TSLA", price: 430, strikeStep: 10, volatility: 0.5, liveliness: 1.5),
    Underlying(root: "AAPL", price: 278, strikeStep: 5, volatility: 0.25, liveliness: 0.8),
    Underlying(root: "AMD", price: 215, strikeStep: 5, volatility: 0.5, liveliness: 1.5),
  ]

  /// `SPY   261218C00685000` …, in the OCC's 21 characters.
  package static func instruments(on date: CivilDate) -> [MadeUpInstrument] {
    let expiries = expiries(after: date)
    var found: [MadeUpInstrument] = []
    for steps in [0, 1, -1, 2, -2] {
      for expiry in expiries {
        for underlying in underlyings {
          let middle = (underlying.price / underlying.strikeStep).rounded()
          let strike = (middle + Double(steps)) * underlying.strikeStep
          let days = Double(expiry.daysSinceEpoch - date.daysSinceEpoch)
          found += [true, false].map { option(underlying, strike, isCall: $0, expiry, years: days / 365) }
        }
      }
    }
    return found
  }

  private static func option(
    _ underlying: Underlying, _ strike: Double, isCall: Bool, _ expiry: CivilDate, years: Double
  ) -> MadeUpInstrument {
    // Bachelier's formula: near enough for a price to begin at.
    let deviation = underlying.price * underlying.volatility * years.squareRoot()
    let distance = (isCall ? 1 : -1) * (underlying.price - strike)
    let chance = 0.5 * erfc(-distance / deviation / 2.0.squareRoot())
    let density = exp(-distance * distance / (2 * deviation * deviation)) / (2 * Double.pi).squareRoot()
    let value = max(0.1, distance * chance + deviation * density)
    // Cents where the options are dear to many, and below three dollars; else five of them.
    let steps: Double = underlying.root == "SPY" || underlying.root == "QQQ" || value < 3 ? 100 : 20
    // What the stock moves, an option moves by its leverage.
    let leverage = min(60, underlying.price * chance / value)
    let plain = MadeUpInstrument("", price: value, stepsPerUnit: steps)
    return MadeUpInstrument(
      symbol(underlying.root, expiry, isCall: isCall, strike), price: plain.onGrid(value), stepsPerUnit: steps,
      liveliness: underlying.liveliness * leverage)
  }

  private static func symbol(_ root: String, _ expiry: CivilDate, isCall: Bool, _ strike: Double) -> String {
    func digits(_ value: Int, _ width: Int) -> String {
      String(repeating: "0", count: max(0, width - "\(value)".count)) + "\(value)"
    }
    let date = digits(expiry.year % 100, 2) + digits(expiry.month, 2) + digits(expiry.day, 2)
    let padding = String(repeating: " ", count: max(0, 6 - root.count))
    return root + padding + date + (isCall ? "C" : "P") + digits(Int((strike * 1_000).rounded()), 8)
  }

  /// The next two third Fridays at least five days away; the day before where New York keeps a holiday.
  private static func expiries(after date: CivilDate) -> [CivilDate] {
    let earliest = date.adding(days: 5)
    let fridays = (0...3).map { offset in
      let month = date.month - 1 + offset
      let first = CivilDate(date.year + month / 12, month % 12 + 1, 1)
      return first.adding(days: (5 - first.weekday + 7) % 7 + 14)
    }
    return fridays.filter { $0 >= earliest }.prefix(2).map { friday in
      let noon = UnixNanos(Int64(friday.daysSinceEpoch) * 86_400_000_000_000 + 61_200_000_000_000)
      return TradingCalendar.usEquities.segment(at: noon).session == .closed ? friday.adding(days: -1) : friday
    }
  }
}
