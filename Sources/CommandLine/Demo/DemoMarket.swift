internal import ArgumentParser
internal import Channels
internal import DataFiles
internal import MarketData
internal import Server

/// The markets that `demo` makes up.
enum DemoMarket: String, CaseIterable, ExpressibleByArgument {
  case equities, futures, crypto, options

  /// Where the symbols' settings come from.
  var profile: MarketProfile {
    switch self {
    case .equities: .usEquities
    case .futures: .usFutures
    case .crypto: .crypto
    case .options: .usOptions
    }
  }

  /// The shipped profile's settings, as `penstock config default --profile` prints them.
  func configuration() throws -> ServerConfiguration {
    var configuration = try ConfigurationReader.read(yaml: profile.text)
    // 500 stocks around the clock: PRE and POST are most of a day, and thin.
    if self == .equities { configuration.profiles[0].calendar = .continuous }
    return configuration
  }

  var words: String {
    switch self {
    case .equities: "symbols"
    case .futures: "futures"
    case .crypto: "coins"
    case .options: "options"
    }
  }

  /// Ticks a second, where the caller names no rate.
  var usualRate: Double {
    switch self {
    case .equities: 5_000
    case .futures, .crypto: 2_000
    case .options: 1_000
    }
  }

  /// How long ago the market begins, so that the detectors are warm at once. Those of options take three times as long: their windows are
  /// made for a trade now and then.
  var historyNanos: Int64 { self == .options ? 1_800_000_000_000 : 600_000_000_000 }

  /// - Parameter startNanos: when it begins; contracts are those of that date.
  func generator(seed: UInt64, rate: Double, startNanos: Int64) -> MarketGenerator {
    // A wrong print has to be further away than the profile's print filter lets pass.
    func market(_ instruments: [MadeUpInstrument], _ nonsense: MarketGenerator.Nonsense) -> MarketGenerator {
      MarketGenerator(seed: seed, instruments: instruments, rate: rate, startNanos: startNanos, nonsense: nonsense)
    }
    let date = CivilDate(daysSinceEpoch: Int(floorDivide(startNanos, 86_400_000_000_000)))
    return switch self {
    case .equities: MarketGenerator(seed: seed, symbols: 500, rate: rate, startNanos: startNanos)
    case .futures: market(FuturesBoard.instruments(on: date), .init(share: 0.000_01, factors: (0.97, 1.03)))
    case .crypto: market(CoinBoard.instruments, .init(share: 0.000_01, factors: (0.9, 1.1)))
    case .options: market(OptionsBoard.instruments(on: date), .init(share: 0.000_02, factors: (0.4, 2.2)))
    }
  }
}
