/// A made-up board of coins in dollars, from a hundred thousand down to some millionths.
package enum CoinBoard {
  /// Name, price, steps of a dollar, lot, liveliness; the busiest first.
  private static let coins: [(String, Double, Double, Double, Double)] = [
    ("BTC", 92_000, 100, 0.001, 1.5), ("ETH", 3_100, 100, 0.01, 2), ("SOL", 140, 100, 0.5, 2.5),
    ("XRP", 2.2, 10_000, 20, 2.5), ("DOGE", 0.15, 100_000, 200, 3), ("PEPE", 0.000_004_5, 1e9, 10_000_000, 4),
    ("SHIB", 0.000_008_5, 1e9, 5_000_000, 3), ("ADA", 0.42, 10_000, 100, 3), ("LTC", 85, 100, 0.5, 2),
    ("LINK", 13, 1_000, 5, 2.5), ("AVAX", 14, 100, 5, 3), ("BCH", 520, 100, 0.1, 2), ("SUI", 1.6, 10_000, 30, 3),
    ("UNI", 6, 1_000, 10, 3), ("DOT", 2.3, 1_000, 20, 2.5), ("XLM", 0.25, 1_000_000, 200, 2.5),
    ("HBAR", 0.14, 100_000, 300, 3), ("NEAR", 1.8, 1_000, 25, 3), ("AAVE", 180, 100, 0.3, 2.5),
    ("BONK", 0.000_009_5, 1e9, 5_000_000, 4),
  ]

  /// `BTC-USD` …
  package static var instruments: [MadeUpInstrument] {
    coins.map { name, price, steps, lot, liveliness in
      MadeUpInstrument("\(name)-USD", price: price, stepsPerUnit: steps, lot: lot, liveliness: liveliness)
    }
  }
}
