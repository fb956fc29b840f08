/// Settings that suit a market, each with its reasons, as `penstock config default --profile NAME` prints them.
///
/// The texts are the files of `deploy/profiles`, to the byte: a test tells where they differ.
package enum MarketProfile: String, CaseIterable, Sendable {
  case usEquities = "us_equities"
  case usOptions = "us_options"
  case usFutures = "us_futures"
  case forex
  case crypto

  package var text: String {
    switch self {
    case .usEquities: Self.usEquitiesText
    case .usOptions: Self.usOptionsText
    case .usFutures: Self.usFuturesText
    case .forex: Self.forexText
    case .crypto: Self.cryptoText
    }
  }

  private static let usEquitiesText = """
    # Penstock for US stocks and ETFs. The defaults are made for them, so nothing departs from them here; `penstock config default`
    # prints them all. Check with `penstock config check`.
    #
    # Tried on trades of BAC, AIG and IBM (2013-10-08) and SPY (2013-10-07 and 10), 913,228 ticks with all their bad prints:
    #   HIGH 49, LOW 64, TREND 52, SURGE 13 (none taken back by five prints), VOLUME_SPIKE 56 (30 in REGULAR), VWAP_CROSS 33 (none
    #   flipped within 10 s), OPENING_RANGE_BREAK 7, QUARANTINE 42
    #
    # Symbols: `*` is every one, `AAPL` one, `BRK*` those that begin so. A symbol takes the first profile that matches, so
    # profiles for some go above the one for all.
    profiles:
      - name: us_equities
        symbols: ["*"]
        # PRE 04:00, REGULAR 09:30 to 16:00, POST until 20:00 in New York, by the New York Stock Exchange's holidays and early closes.
        calendar: {preset: us_equities}
        # Minutes for charts and screens beside the events. Every tick is then looked at in full, so only where they are wanted:
        # detectors: {tick: {bars: [1m]}}

    """

  private static let usOptionsText = """
    # Penstock for US equity and index options. Check with `penstock config check`; what is not named here stands at its default.
    #
    # Not tried on recorded trades: none are at hand. Measure yours with `penstock replay --quality` before you rely on it.
    #
    # Symbols, as feeds write an option that the OCC clears: root, date of expiry (YYMMDD), C or P, strike in thousandths as eight digits.
    #   `AAPL  261218C00250000`   the OCC's 21 characters: the root is filled with spaces to six, and these spaces belong to the symbol
    #   `AAPL261218C00250000`     the same without them
    #   `O:AAPL261218C00250000`   with a vendor's prefix
    # A pattern is exact, or a prefix that ends in `*`:
    #   `O:*`           all options of a feed that has that prefix
    #   `AAPL  *`       the options of AAPL in the 21 characters, and neither the stock nor the options of another root
    #   `AAPL2*`        those without spaces, as long as years begin with 2; the stock `AAPL` is left out
    #   `SPXW  261218*` one root's expiry
    # Where stocks come by the same channels, give them a profile below this one and put such a pattern here in place of `*`.
    profiles:
      - name: us_options
        symbols: ["*"]
        calendar:
          preset: us_equities
          # Options have no PRE and POST. Those on broad indices and ETFs trade until 16:15, those on stocks
          # fall silent at 16:00. The overnight hours of index options are not here: add a range such as "<20:15-09:25".
          sessions: {regular: ["09:30-16:15"]}
        detectors:
          tick:
            print_filter:
              # Trades change between bid and ask, which lie 5 to 20 % apart: a jump of 0.5 % is every other print.
              jump_pct: 25
              # Two steps of 0.05 always pass.
              floor: 0.10
              # A contract may trade once in minutes. Five prints could take an hour to be believed.
              confirm: 3
              confirm_time: 5m
              # Overnight an option doubles or loses all.
              open_jump_pct: 500
              learned_max_pct: 500
            activity:
              # Few prints: a window of a minute would mostly hold one.
              window: 5m
              sigma_sample: 30s
              sigma_time: 30m
              volume_time: 1h
            high_low:
              # Steps that are more than the way from bid to ask, by price.
              bands:
                - {below: 1, min_change: 0.05, min_change_pct: 10}
                - {below: 5, min_change: 0.10, min_change_pct: 5}
                - {min_change: 0.25, min_change_pct: 3}
            # As the steps: 0.10 % is less than one tick of nearly every contract. And longer to learn what is usual.
            surge: {min_move_pct: 15, volume_ratio: 2, warm_up: 10m, cooldown: 5m}
            # Sizes come in bursts: four times the usual is no news. Five seconds with a trade are rare: three will do.
            volume_spike: {multiple: 8, active_seconds: 3, warm_up: 15m, cooldown: 5m}
            # Ten minutes hold some trades; two often none.
            trend: {horizons: [10m, 30m], enter_move_pct: 10}
            # Wider than from bid to ask, else every other print is a crossing.
            vwap_cross: {band_pct: 5, hold: 30s, warm_up: 15m}
            # The first quarter of an hour is for finding prices, and often has one or two.
            opening_range: {minutes: 30, band_pct: 5}
            # A stock's gap of 1 % is 10 to 30 % of its option's price.
            gap: {gap_pct: 25}
          # By the same measure.
          bar:
            gap: {gap_pct: 25, daily_gap_pct: 50}
            significant_move: {move_pct_1m: 10, move_pct_5m: 15, move_pct_intraday: 25, move_pct_daily: 50}
          fmv:
            # A model's value and a print at bid or ask differ by half of the spread.
            valuation: {enter_pct: 15, exit_pct: 8, max_staleness: 5m}

    """

  private static let usFuturesText = """
    # Penstock for futures of CME, CBOT, NYMEX and COMEX. Check with `penstock config check`; what is not named here stands at its
    # default.
    #
    # Tried on trades of gold, GCZ13 (2013-10-08, 52,038 ticks) and minutes of the E-mini S&P 500, ESH20 (2020-01-06, 1,365 bars):
    #   GCZ13: HIGH 11, LOW 10, TREND 6, SURGE 14 (none taken back by five prints), VOLUME_SPIKE 22, VWAP_CROSS 16 (none flipped
    #   within 10 s), no QUARANTINE
    #   ESH20: HIGH 81, LOW 57, VOLUME_SPIKE 18, BAR_CLOSED 387; the open at 17:00 was too near the close for a GAP
    #
    # Symbols: root, month and year. `ESZ6` is the E-mini S&P 500 of December 2026 (F G H J K M N Q U V X Z are January to December;
    # some feeds write `ESZ26` or `ESZ2026`). A pattern is exact, or a prefix that ends in `*`:
    #   `ESZ6`    one contract
    #   `ESZ*`    all Decembers of ES; with `ESH*`, `ESM*` and `ESU*` all its quarterly contracts
    #   `ES*`     every contract of ES, and of any root that begins alike
    # A calendar spread (`ESZ6-ESH7`) has a price of its own, which may be zero or less and is rejected then: keep it out of the feed.
    profiles:
      - name: us_futures
        symbols: ["*"]
        calendar:
          # One session REGULAR a trading date, from 17:00 of the evening before to 16:00 in Chicago. No PRE and POST.
          preset: us_futures
          # Stock index futures; other products trade on some of these days. The exchange's notices have the last word, each year anew.
          holidays: [2026-01-01, 2026-04-03, 2026-12-25, 2027-01-01, 2027-03-26]
          # A product that trades on a day of this list makes no events then. Halts at 12:00 on other holidays need no `early_closes`:
          # nothing trades before the evening, and an empty afternoon makes no event.
        detectors:
          tick:
            # A floor in currency means a different thing to every product: 0.05 is nothing for gold and 5 % of the euro. Percent alone.
            print_filter: {floor: 0}
            # The same for steps: percent of the price, whether it is quoted in points, cents or dollars.
            high_low: {bands: [{min_change: 0, min_change_pct: 0.05}]}
            # 17:00 is the end of an hour's break in the evening, not the opening that a day's range begins with.
            opening_range: {enabled: false}
            # An hour's break, not a night: 1 % would tell of nothing but crashes.
            gap: {gap_pct: 0.25}
            # The session has 23 hours, most of them thin, and all are REGULAR: what stocks have PRE and POST for, the multiple does here.
            volume_spike: {multiple: 6}
          bar:
            # As above.
            gap: {gap_pct: 0.25, daily_gap_pct: 1}
            # A stock index moves less than a stock: at the defaults most days would be silent.
            significant_move: {move_pct_1m: 0.2, move_pct_5m: 0.4, move_pct_intraday: 1, move_pct_daily: 2}

    """

  private static let forexText = """
    # Penstock for currency pairs. Check with `penstock config check`; what is not named here stands at its default.
    #
    # Not tried on recorded ticks: none are at hand. Measure yours with `penstock replay --quality` before you rely on it.
    #
    # Symbols: `EURUSD` or `EUR/USD`, as the feed writes them. A pattern is exact, or a prefix that ends in `*`: `EUR*` are the pairs
    # that begin with the euro.
    profiles:
      - name: forex
        symbols: ["*"]
        # One session REGULAR a trading date, from 17:00 to 17:00 in New York, Sunday evening to Friday.
        calendar: {preset: forex}
        detectors:
          tick:
            print_filter:
              # A major pair moves 0.5 % in a day; a print 0.2 % away is a wrong one, or news that five prints confirm in a second.
              jump_pct: 0.2
              # 0.05 would be 5 % of EURUSD.
              floor: 0
              # Weekends end at most a few percent away.
              open_jump_pct: 5
            # In percent, for 0.006 (JPYUSD) as for 150 (USDJPY); a tenth of a day's range.
            high_low: {bands: [{min_change: 0, min_change_pct: 0.03}]}
            # Many feeds have no sizes, and with a volume of 0 no ratio is ever reached: the move alone decides. Set 1.5 where sizes are real.
            surge: {min_move_pct: 0.05, volume_ratio: 0}
            # Without sizes, or with a made-up one, a spike says nothing.
            volume_spike: {enabled: false}
            # Without volumes there is no average by volume.
            vwap_cross: {enabled: false}
            # In proportion to what a pair moves in ten minutes.
            trend: {enter_move_pct: 0.05}
            # 17:00 in New York is the thinnest hour of the day, not an opening.
            opening_range: {enabled: false}
            # Sessions follow without a break but over the weekend: what is told is Sunday's.
            gap: {gap_pct: 0.2}
          # By the same measure: a fifth of what a stock moves.
          bar:
            gap: {gap_pct: 0.2, daily_gap_pct: 0.5}
            significant_move: {move_pct_1m: 0.1, move_pct_5m: 0.2, move_pct_intraday: 0.5, move_pct_daily: 1}
          fmv:
            # A spread is a hundredth of a percent: a market 1 % away from fair does not exist.
            valuation: {enter_pct: 0.1, exit_pct: 0.05}

    """

  private static let cryptoText = """
    # Penstock for coins and their perpetual futures. Check with `penstock config check`; what is not named here stands at its default.
    #
    # Tried on trades and bars of several exchanges (in brackets: ticks or bars taken):
    #   perpetuals BTCUSDT and ETHUSDT, six minutes of 2024-08-08 (35,389): HIGH 1, LOW 4; the same coins on the spot market (15,863): LOW 5
    #   BTC-USD, an hour of 2023-09-05 (5,882): HIGH 3, LOW 1, VOLUME_SPIKE 1, VWAP_CROSS 1
    #   XBTUSDT, seven hours of 2025-11-10 (1,000): HIGH 5, LOW 2, TREND 2, VOLUME_SPIKE 6, VWAP_CROSS 5 (none flipped within 10 s)
    #   minutes of BTCUSD, ETHUSD and LTCUSD, two days of 2018-04 (7,343): HIGH 323, LOW 377, SIGNIFICANT_MOVE 7, VOLUME_SPIKE 122
    #   no SURGE and no QUARANTINE in any of them
    #
    # Symbols: `BTCUSDT`, `BTC-USD`, as the exchange writes them. A pattern is exact, or a prefix that ends in `*`: `BTC*`. Where one
    # feed has several markets of a name (spot and perpetual), let it write them apart, such as `BTCUSDT.P`: one symbol is one price.
    profiles:
      - name: crypto
        symbols: ["*"]
        # No night and no weekend: one session CONTINUOUS a UTC day.
        calendar: {preset: continuous}
        detectors:
          tick:
            print_filter:
              # Thin books: a market order moves a small coin by 0.5 % without being a mistake.
              jump_pct: 1
              # Prices go from 0.00000001 to 100,000: a floor in currency means something for one coin only.
              floor: 0
              # A day begins where the last one ended.
              open_jump_pct: 10
            # In percent, for every price.
            high_low: {bands: [{min_change: 0, min_change_pct: 0.1}]}
            # A coin moves some three times as much as a stock; the trend's step follows, and so do those of bars.
            surge: {min_move_pct: 0.3}
            # Volume comes in bursts, by robots, at all hours.
            volume_spike: {multiple: 6}
            trend: {enter_move_pct: 0.2}
            # Fees and spread are 0.1 %: a smaller band has the price change sides at rest.
            vwap_cross: {band_pct: 0.1}
            # There is no close to gap from: at midnight UTC it would tell of a feed that had stopped.
            gap: {enabled: false}
          bar:
            gap: {gap_pct: 1.5, daily_gap_pct: 5}
            significant_move: {move_pct_1m: 1, move_pct_5m: 2, move_pct_intraday: 4, move_pct_daily: 10}
            # As above: bursts.
            volume_spike: {multiple: 8}

    """
}
