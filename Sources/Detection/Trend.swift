internal import MarketData

/// An exponentially weighted least-squares line through the samples of one horizon, by centred moments.
///
/// - Cost: O(1) a sample. Source: detectors.md, "TREND".
struct TrendFit: BitwiseCopyable {
  static let sampleNanos: Int64 = 5_000_000_000
  static let sampleSeconds = 5.0

  private var n = 0.0
  private var sxx = 0.0
  private var sxy = 0.0
  private var syy = 0.0
  private var meanX = 0.0
  private var meanY = 0.0
  /// Samples since the fit began.
  private(set) var samples: UInt32 = 0

  init() {}

  /// Adds the sample that has just closed, at x = 0; the ones before it move back by its length.
  mutating func add(_ y: Double, decay: Double) {
    n *= decay
    sxx *= decay
    sxy *= decay
    syy *= decay
    meanX -= Self.sampleSeconds
    let dx = -meanX
    let dy = y - meanY
    let f = n / (n + 1)
    sxx += f * dx * dx
    sxy += f * dx * dy
    syy += f * dy * dy
    meanX += dx / (n + 1)
    meanY += dy / (n + 1)
    n += 1
    samples &+= 1
  }

  /// Of ln(price) by the second; 0 with a single sample.
  var slope: Double { sxx > 0 ? sxy / sxx : 0 }

  var rSquared: Double { sxx > 0 && syy > 0 ? min(1, sxy * sxy / (sxx * syy)) : 0 }
}

/// The trend of one symbol over one horizon.
struct Trend: BitwiseCopyable {
  private var fit = TrendFit()
  private(set) var state = Direction.flat
  /// When the state was announced; meaningless before the first announcement.
  private(set) var since = UnixNanos(0)
  private var announcedPrice = 0.0
  private(set) var wasAnnounced = false

  init() {}

  /// A gap in ticks longer than ten horizons: the state stays, the fit begins anew.
  mutating func restart() { fit = TrendFit() }

  /// Closes `count` samples, all at the carried price, whose logarithm against the session's first is `y`.
  mutating func close(
    samples count: Int64, y: Double, _ tick: TickContext, _ horizon: CompiledSettings.Horizon,
    _ settings: CompiledSettings, occurrences: inout EventOccurrences, events: inout [MarketEvent]
  ) {
    for _ in 0..<count {
      fit.add(y, decay: horizon.decay)
      guard fit.samples >= horizon.minSamples else { continue }
      let slope = fit.slope
      let rSquared = fit.rSquared
      let move = 100 * slope * horizon.seconds
      let v = tick.sigma > 0 ? slope * horizon.seconds / (tick.sigma * horizon.squareRoot) : 0
      let next = next(slope: slope, rSquared: rSquared, move: move, v: v, settings)
      guard next != state else { continue }
      announce(next, move: move, rSquared: rSquared, v: v, tick, horizon, settings, &occurrences, &events)
    }
  }

  private func next(
    slope: Double, rSquared: Double, move: Double, v: Double, _ settings: CompiledSettings
  ) -> Direction {
    let entered: Direction? =
      Slack.reaches(rSquared, settings.trend.enterR2)
        && Slack.reaches(percent: move.magnitude, settings.trend.enterMovePct)
        && Slack.reaches(v.magnitude, settings.trend.enterV) && slope != 0
      ? (slope > 0 ? .up : .down) : nil
    switch state {
    case .up:
      if entered == .down { return .down }
      return Slack.isBelow(rSquared, settings.trend.exitR2) || slope <= 0 ? .flat : .up
    case .down:
      if entered == .up { return .up }
      return Slack.isBelow(rSquared, settings.trend.exitR2) || slope >= 0 ? .flat : .down
    case .flat, .unspecified:
      return entered ?? .flat
    }
  }

  private mutating func announce(
    _ next: Direction, move: Double, rSquared: Double, v: Double, _ tick: TickContext,
    _ horizon: CompiledSettings.Horizon, _ settings: CompiledSettings, _ occurrences: inout EventOccurrences,
    _ events: inout [MarketEvent]
  ) {
    let reference = wasAnnounced ? announcedPrice : tick.firstPrice
    var detail = TrendDetail()
    detail.horizonNanos = horizon.nanos
    detail.movePct = move
    detail.rSquared = rSquared
    detail.vScore = v
    detail.previous = state
    detail.reversal = state != .flat && next != .flat
    detail.previousLastedNanos = wasAnnounced ? tick.time.nanoseconds &- since.nanoseconds : 0
    detail.priceChangePct = 100 * (tick.price - reference) / reference
    state = next
    since = tick.time
    announcedPrice = tick.price
    wasAnnounced = true
    let strength = settings.trend.enterV > 0 ? min(1, v.magnitude / (4 * settings.trend.enterV)) : 1
    events.append(
      tick.event(
        .trend, next, significance: 100 * rSquared * strength, .trend(detail), occurrences: &occurrences))
  }
}
