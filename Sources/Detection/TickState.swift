internal import MarketData

/// Everything the tick detectors remember of one symbol. Most ticks never come here: see `QuietRange`.
struct TickState: BitwiseCopyable {
  /// The newest timestamp seen.
  private(set) var watermark = UnixNanos(.min)
  /// The session of the watermark, as far as the calendar has been asked.
  private var segment = CalendarSegment(session: .closed, start: UnixNanos(0), end: UnixNanos(0))
  /// The session that the detectors' state is of: its start. Nil-like while there is none.
  private var sessionStart = UnixNanos(.min)
  private var sessionKind = TradingSession.closed
  private var hasSession = false
  private var filter = PrintFilter()
  private var quarantineShare = QuarantineShare()
  private var activity = ActivityWindow()
  private var extremes = HighLow(price: 0, time: UnixNanos(0))
  private var surge = Surge()
  private var spike = VolumeSpike()
  private var vwapCross = VwapCross()
  private var openingRange = OpeningRange()
  private var gap = Gap()
  private var firstTime = UnixNanos(0)
  private var firstPrice = 0.0
  private var lastTime = UnixNanos(0)
  private var trendSample: Int64 = 0
  private var trendSampleEnd: Int64 = 0
  private var valueSum = 0.0
  private var volumeSum = 0.0
  private var trends = InlineArray<4, Trend>(repeating: Trend())
  private var occurrences = EventOccurrences()
  /// Whether the detectors have looked at the newest tick: one without a price moves the time on, past what they may wait for.
  private var isLookedAt = false

  let profile: Int
  let symbol: SymbolID

  init(symbol: SymbolID, profile: Int) {
    self.symbol = symbol
    self.profile = profile
  }

  /// Takes one tick that lies outside `range`, which is then renewed.
  mutating func look(
    at tick: Tick, range: inout QuietRange, cells: inout [SecondCell], bars: inout TickBars,
    _ settings: CompiledSettings, calendar: TradingCalendar, events: inout [MarketEvent]
  ) -> ItemOutcome {
    if range.wasUsed { takeOver(range) }
    let outcome = take(tick, cells: &cells, bars: &bars, settings, calendar: calendar, events: &events)
    range = quietRange(settings)
    return outcome.union(.lookedAt)
  }

  private mutating func take(
    _ tick: Tick, cells: inout [SecondCell], bars: inout TickBars, _ settings: CompiledSettings,
    calendar: TradingCalendar, events: inout [MarketEvent]
  ) -> ItemOutcome {
    var time = tick.eventTime
    if time > watermark {
      watermark = time
    } else {
      // Below the smallest time there is nothing: the subtraction may not wrap.
      let (oldest, overflow) = watermark.nanoseconds.subtractingReportingOverflow(settings.latenessToleranceNanos)
      if !overflow, time.nanoseconds < oldest { return .late }
      time = watermark
    }
    if !segment.contains(time) { segment = calendar.segment(at: time) }
    let isClosed = segment.session == .closed
    let outcome: ItemOutcome = isClosed ? .outOfSession : []
    let volume = tick.conditions.contains(.notEligibleForVolume) ? 0 : tick.size
    if tick.conditions.contains(.notEligibleForHighLow) {
      if hasSession, sessionStart == segment.start, !isClosed { activity.add(volume: volume) }
      isLookedAt = false
      return outcome
    }
    var limitPct = 0.0
    let verdict = filter.judge(price: tick.price, time: time, limitPct: &limitPct, settings.filter)
    if verdict != .good, !isClosed {
      announceQuarantine(tick, time, verdict, limitPct, &events)
    }
    if verdict == .quarantined { return outcome.union(.quarantined) }
    filter.accept(price: tick.price, time: time)
    let buildsBars = !settings.barsNanos.isEmpty
    if buildsBars { bars.close(at: time, occurrences: &occurrences, events: &events) }
    guard !isClosed else { return outcome }
    if buildsBars { bars.add(tick, at: time, volume: volume, segment: segment, calendar: calendar) }
    detect(tick, time, volume, &cells, settings, &events)
    return outcome
  }

  private mutating func announceQuarantine(
    _ tick: Tick, _ time: UnixNanos, _ verdict: PrintFilter.Verdict, _ limitPct: Double, _ events: inout [MarketEvent]
  ) {
    guard filter.run == 1 || verdict == .confirmed, let suppressed = quarantineShare.take(at: time) else { return }
    var detail = QuarantineDetail()
    detail.suppressed = suppressed
    detail.lastGood = filter.lastGood
    detail.limitPct = limitPct
    detail.confirmed = verdict == .confirmed
    detail.run = filter.run
    let direction: Direction = verdict == .confirmed ? (tick.price > filter.lastGood ? .up : .down) : .flat
    let jumpPct = (tick.price / filter.lastGood - 1).magnitude * 100
    events.append(
      MarketEvent(
        type: .quarantine, direction: direction, session: segment.session, symbol: symbol, source: .tick,
        occurrence: occurrences.next(.quarantine, at: time), eventTime: time, price: tick.price, size: tick.size,
        significance: 100 * min(1, jumpPct / (4 * limitPct)), detail: .quarantine(detail)))
  }

  private mutating func detect(
    _ tick: Tick, _ time: UnixNanos, _ volume: Double, _ cells: inout [SecondCell],
    _ settings: CompiledSettings, _ events: inout [MarketEvent]
  ) {
    isLookedAt = true
    let second = floorDivide(time.nanoseconds, 1_000_000_000)
    guard hasSession, sessionStart == segment.start else {
      begin(tick, time, second, volume, &cells, settings, &events)
      return
    }
    let carried = activity.price
    activity.add(second: second, price: tick.price, volume: volume, cells: &cells, settings.activity)
    valueSum += tick.price * volume
    volumeSum += volume
    var context = TickContext(
      symbol: symbol, time: time, price: tick.price, size: tick.size, session: segment.session,
      sessionStart: sessionStart, firstTime: firstTime, firstPrice: firstPrice)
    context.relativeVolume = activity.relativeVolume
    context.meanVolume = activity.meanVolume
    context.sigma = activity.sigma
    context.base = activity.base
    if extremes.concerns(tick.price) {
      extremes.look(
        context, trend: trends[0].state, surge: surge.direction(at: time, window: settings.activity.windowNanos),
        settings, occurrences: &occurrences, events: &events)
    }
    if settings.openingRange.enabled {
      openingRange.look(context, settings.openingRange, occurrences: &occurrences, events: &events)
    }
    if settings.vwapCross.enabled {
      vwapCross.look(
        context, valueSum: valueSum, volumeSum: volumeSum, settings.vwapCross, occurrences: &occurrences,
        events: &events)
    }
    if settings.surge.enabled {
      surge.look(
        context, settings.surge, squareRootOfWindow: settings.activity.squareRootOfWindow, occurrences: &occurrences,
        events: &events)
    }
    if settings.volumeSpike.enabled {
      spike.look(
        context, settings.volumeSpike, windowNanos: settings.activity.windowNanos, occurrences: &occurrences,
        events: &events)
    }
    if time.nanoseconds >= trendSampleEnd {
      if settings.trend.enabled { closeTrendSamples(context, carried: carried, settings, &events) }
      beginTrendSample(time)
    }
    lastTime = time
  }

  /// The first good tick of a session: everything of the session starts afresh, and nothing but a gap is announced.
  private mutating func begin(
    _ tick: Tick, _ time: UnixNanos, _ second: Int64, _ volume: Double, _ cells: inout [SecondCell],
    _ settings: CompiledSettings, _ events: inout [MarketEvent]
  ) {
    if hasSession { gap.end(sessionKind, lastPrice: activity.price) }
    hasSession = true
    sessionStart = segment.start
    sessionKind = segment.session
    firstTime = time
    firstPrice = tick.price
    lastTime = time
    activity.begin(second: second, price: tick.price, volume: volume, cells: &cells, settings.activity)
    extremes = HighLow(price: tick.price, time: time)
    surge = Surge()
    spike = VolumeSpike()
    vwapCross = VwapCross()
    openingRange = OpeningRange()
    trends = InlineArray(repeating: Trend())
    valueSum = tick.price * volume
    volumeSum = volume
    beginTrendSample(time)
    let context = TickContext(
      symbol: symbol, time: time, price: tick.price, size: tick.size, session: segment.session,
      sessionStart: sessionStart, firstTime: firstTime, firstPrice: firstPrice)
    if settings.gap.enabled { gap.look(context, settings.gap, occurrences: &occurrences, events: &events) }
    openingRange.look(context, settings.openingRange, occurrences: &occurrences, events: &events)
  }

  private mutating func beginTrendSample(_ time: UnixNanos) {
    trendSample = floorDivide(time.nanoseconds, TrendFit.sampleNanos)
    let (end, overflow) = (trendSample + 1).multipliedReportingOverflow(by: TrendFit.sampleNanos)
    trendSampleEnd = overflow ? .max : end
  }

  private mutating func closeTrendSamples(
    _ context: TickContext, carried: Double, _ settings: CompiledSettings, _ events: inout [MarketEvent]
  ) {
    let gap = context.time.nanoseconds &- lastTime.nanoseconds
    let count = floorDivide(context.time.nanoseconds, TrendFit.sampleNanos) &- trendSample
    let y = naturalLogarithm(carried / firstPrice)
    for index in 0..<settings.trend.horizonCount {
      let horizon = settings.trend.horizons[index]
      if gap > 10 * horizon.nanos {
        trends[index].restart()
      } else {
        trends[index].close(
          samples: count, y: y, context, horizon, settings, occurrences: &occurrences, events: &events)
      }
    }
  }

  // MARK: - Quiet ticks

  var lastPrice: LastPrice? {
    filter.lastGood > 0 ? LastPrice(price: filter.lastGood, time: filter.lastGoodTime) : nil
  }

  /// Until when, and between which prices and volumes, the next ticks cause nothing.
  ///
  /// Mutating in name only: for a method that only reads the whole state would be copied, once a look.
  private mutating func quietRange(_ settings: CompiledSettings) -> QuietRange {
    guard isLookedAt, hasSession, sessionStart == segment.start, segment.session != .closed, filter.run == 0,
      // Bars have a place for every tick.
      settings.barsNanos.isEmpty
    else {
      return QuietRange()
    }
    var range = QuietRange(
      watermark: watermark, price: filter.lastGood, windowVolume: activity.volume,
      secondVolume: activity.secondVolume, valueSum: valueSum, volumeSum: volumeSum)
    range.end(at: segment.end.nanoseconds)
    filter.narrow(&range, settings.filter)
    activity.narrow(&range)
    extremes.narrow(&range, segment, settings)
    if settings.surge.enabled {
      surge.narrow(
        &range, base: activity.base, sigmaOfWindow: activity.sigma * settings.activity.squareRootOfWindow,
        meanVolume: activity.meanVolume, settings.surge)
    }
    if settings.volumeSpike.enabled { spike.narrow(&range, meanVolume: activity.meanVolume, settings.volumeSpike) }
    if settings.trend.enabled { range.end(at: trendSampleEnd) }
    if settings.openingRange.enabled { openingRange.narrow(&range, segment, settings.openingRange) }
    if settings.vwapCross.enabled { vwapCross.narrow(&range, settings.vwapCross) }
    return range
  }

  /// What quiet ticks have changed meanwhile.
  mutating func takeOver(_ range: QuietRange) {
    watermark = range.watermark
    lastTime = range.watermark
    filter.accept(price: range.price, time: range.watermark)
    activity.takeOver(range)
    valueSum = range.valueSum
    volumeSum = range.volumeSum
  }

  // MARK: - Other settings

  /// The last answer of the calendar may not hold any more.
  mutating func forgetCalendar() {
    segment = CalendarSegment(session: segment.session, start: segment.start, end: segment.start)
  }

  mutating func restartActivity(_ cells: inout [SecondCell], _ settings: CompiledSettings.Activity) {
    guard hasSession else { return }
    activity.begin(second: activity.second, price: activity.price, volume: 0, cells: &cells, settings)
  }

  mutating func restartDetectors(from old: CompiledSettings, to new: CompiledSettings) {
    if !old.vwapCross.enabled { vwapCross = VwapCross() }
    for index in 0..<new.trend.horizonCount
    where !old.trend.enabled || old.trend.horizons[index].nanos != new.trend.horizons[index].nanos {
      trends[index] = Trend()
    }
  }

  // MARK: - Snapshot

  /// What a subscriber that comes late needs to know.
  func snapshot(_ settings: CompiledSettings) -> SymbolSnapshot {
    var snapshot = SymbolSnapshot(symbol: symbol)
    snapshot.profile = profile
    snapshot.watermark = watermark
    snapshot.lastPrice = filter.lastGood
    snapshot.lastPriceTime = filter.lastGoodTime
    snapshot.session = segment.session
    guard hasSession, sessionStart == segment.start else { return snapshot }
    snapshot.sessionOpen = firstPrice
    snapshot.sessionHigh = extremes.high.extreme
    snapshot.sessionLow = extremes.low.extreme
    snapshot.highAnchor = extremes.high.anchor
    snapshot.lowAnchor = extremes.low.anchor
    snapshot.surge = surge.direction(at: watermark, window: settings.activity.windowNanos)
    snapshot.vwap = volumeSum > 0 ? valueSum / volumeSum : 0
    snapshot.relativeVolume = activity.relativeVolume
    let age = watermark.nanoseconds &- firstTime.nanoseconds
    snapshot.warmUpLeftNanos = max(0, max(settings.surge.warmUpNanos, settings.volumeSpike.warmUpNanos) &- age)
    for index in 0..<settings.trend.horizonCount {
      snapshot.trends.append(
        SymbolSnapshot.Trend(
          horizonNanos: settings.trend.horizons[index].nanos, direction: trends[index].state,
          since: trends[index].wasAnnounced ? trends[index].since : firstTime))
    }
    return snapshot
  }
}
