internal import MarketData

/// Everything the tick detectors remember of one symbol. Most ticks never come here: see `QuietRange`.
struct TickState: BitwiseCopyable {
  /// The newest timestamp seen.
  private(set) var watermark = UnixNanos(.min)
  /// Of the symbol's first tick, whatever it was.
  private var firstEver = UnixNanos(.min)
  /// The session of the watermark, as far as the calendar has been asked.
  private var segment = CalendarSegment(session: .closed, start: UnixNanos(0), end: UnixNanos(0))
  /// The session that the detectors' state is of: any segment of it. CLOSED while there is none.
  private var session = CalendarSegment(session: .closed, start: UnixNanos(0), end: UnixNanos(0))
  /// The extremes of the good prices of the session's trading date.
  private var dayHigh = 0.0
  private var dayLow = 0.0
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
  /// Of the last good tick, in the session's time.
  private var lastTime: Int64 = 0
  /// The open sample of TREND and its end, in the session's time.
  private var trendSample: Int64 = 0
  private var trendSampleEnd: Int64 = 0
  private var valueSum = 0.0
  private var volumeSum = 0.0
  private var trends = InlineArray<4, Trend>(repeating: Trend())
  private var occurrences = EventOccurrences()
  let profile: Int
  let symbol: SymbolID

  init(symbol: SymbolID, profile: Int) {
    self.symbol = symbol
    self.profile = profile
  }

  /// Takes one tick that lies outside `range`, which is then renewed.
  mutating func look(
    at tick: Tick, range: inout QuietRange, cells: inout [SecondCell], bars: inout TickBars,
    _ settings: CompiledSettings, calendar: inout SegmentCache, events: inout [MarketEvent]
  ) -> ItemOutcome {
    if range.wasUsed { takeOver(range) }
    let outcome = take(tick, cells: &cells, bars: &bars, settings, calendar: &calendar, events: &events)
    range = quietRange(settings)
    return outcome.union(.lookedAt)
  }

  private mutating func take(
    _ tick: Tick, cells: inout [SecondCell], bars: inout TickBars, _ settings: CompiledSettings,
    calendar: inout SegmentCache, events: inout [MarketEvent]
  ) -> ItemOutcome {
    var time = tick.eventTime
    if time > watermark {
      if watermark == UnixNanos(.min) { firstEver = time }
      watermark = time
    } else {
      // Below the smallest time there is nothing: the subtraction may not wrap.
      let (oldest, overflow) = watermark.nanoseconds.subtractingReportingOverflow(settings.latenessToleranceNanos)
      if !overflow, time.nanoseconds < oldest { return .late }
      time = watermark
    }
    if !segment.contains(time) { segment = calendar.segment(at: time) }
    let isOfficialClose =
      tick.conditions.contains(.officialClose) && segment.session != .continuous
      && filter.isNear(tick.price, settings.filter)
    let outcome =
      tick.conditions.contains(.notEligibleForPrices)
      ? takeOddLot(tick, time, &bars, settings)
      : takePrice(tick, time, &cells, &bars, settings, &calendar, &events)
    // Behind the detectors: a session's first tick is compared with the close before it, and may be the next one.
    if isOfficialClose {
      gap.noteOfficialClose(tick.price, isInside: segment.session == .regular && session.isSameSession(as: segment))
    }
    return segment.session == .closed ? outcome.union(.outOfSession) : outcome
  }

  /// A tick whose price counts for nothing: its size counts where the session has begun.
  private mutating func takeOddLot(
    _ tick: Tick, _ time: UnixNanos, _ bars: inout TickBars, _ settings: CompiledSettings
  ) -> ItemOutcome {
    guard session.isSameSession(as: segment), !tick.conditions.contains(.notEligibleForVolume) else { return .oddLot }
    activity.add(volume: tick.size)
    if filter.wouldPass(tick.price, at: time, settings.filter) {
      valueSum += tick.price * tick.size
      volumeSum += tick.size
      bars.addOddLot(tick, at: time)
    }
    return .oddLot
  }

  private mutating func takePrice(
    _ tick: Tick, _ time: UnixNanos, _ cells: inout [SecondCell], _ bars: inout TickBars,
    _ settings: CompiledSettings, _ calendar: inout SegmentCache, _ events: inout [MarketEvent]
  ) -> ItemOutcome {
    let isClosed = segment.session == .closed
    var limitPct = 0.0
    let verdict = filter.judge(
      price: tick.price, time: time, segment: segment, limitPct: &limitPct, settings.filter)
    if verdict != .good, !isClosed {
      announceQuarantine(tick, time, verdict, limitPct, &events)
    }
    if verdict == .quarantined { return .quarantined }
    if verdict == .confirmed { filter.confirm(price: tick.price, time: time, settings.filter) }
    let buildsBars = !settings.barsNanos.isEmpty
    if buildsBars { bars.close(at: time, occurrences: &occurrences, events: &events) }
    guard !isClosed else { return [] }
    let volume = tick.conditions.contains(.notEligibleForVolume) ? 0 : tick.size
    if buildsBars {
      bars.add(tick, at: time, volume: volume, segment: segment, firstEver: firstEver, calendar: calendar.calendar)
    }
    detect(tick, time, volume, &cells, settings, &events)
    return []
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
    // A session's breaks are no time at all for its seconds and samples.
    let sessionTime = time.nanoseconds &- segment.breakNanos
    let second = floorDivide(sessionTime, 1_000_000_000)
    defer { if segment.session == .regular { gap.regularTickCame() } }
    guard session.isSameSession(as: segment) else {
      begin(tick, time, second, volume, &cells, settings, &events)
      return
    }
    let carried = activity.price
    activity.add(second: second, price: tick.price, volume: volume, cells: &cells, settings.activity)
    valueSum += tick.price * volume
    volumeSum += volume
    var context = TickContext(
      symbol: symbol, time: time, price: tick.price, size: tick.size, session: segment.session,
      sessionStart: segment.sessionStart, firstTime: firstTime, firstPrice: firstPrice)
    context.relativeVolume = activity.relativeVolume
    context.meanVolume = activity.meanVolume
    context.sigma = activity.sigma
    context.base = activity.base
    if extremes.concerns(tick.price, at: time) {
      dayHigh = max(dayHigh, tick.price)
      dayLow = min(dayLow, tick.price)
      context.dayHigh = dayHigh
      context.dayLow = dayLow
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
        context, activeSeconds: activity.activeSeconds, settings.volumeSpike,
        windowNanos: settings.activity.windowNanos, occurrences: &occurrences, events: &events)
    }
    if sessionTime >= trendSampleEnd {
      if settings.trend.enabled { closeTrendSamples(context, sessionTime, carried: carried, settings, &events) }
      beginTrendSample(sessionTime)
    }
    lastTime = sessionTime
  }

  /// The first good tick of a session: everything of the session starts afresh, and nothing but a gap is announced.
  private mutating func begin(
    _ tick: Tick, _ time: UnixNanos, _ second: Int64, _ volume: Double, _ cells: inout [SecondCell],
    _ settings: CompiledSettings, _ events: inout [MarketEvent]
  ) {
    gap.end(session.session, lastPrice: activity.price)
    if session.session == .closed || session.date != segment.date {
      dayHigh = tick.price
      dayLow = tick.price
    } else {
      dayHigh = max(dayHigh, tick.price)
      dayLow = min(dayLow, tick.price)
    }
    session = segment
    firstTime = time
    firstPrice = tick.price
    let sessionTime = time.nanoseconds &- segment.breakNanos
    lastTime = sessionTime
    activity.begin(second: second, price: tick.price, volume: volume, cells: &cells, settings.activity)
    extremes = HighLow(price: tick.price, time: time)
    surge = Surge()
    spike = VolumeSpike()
    vwapCross = VwapCross()
    openingRange = OpeningRange()
    trends = InlineArray(repeating: Trend())
    valueSum = tick.price * volume
    volumeSum = volume
    beginTrendSample(sessionTime)
    let context = TickContext(
      symbol: symbol, time: time, price: tick.price, size: tick.size, session: segment.session,
      sessionStart: segment.sessionStart, firstTime: firstTime, firstPrice: firstPrice)
    if settings.gap.enabled { gap.look(context, settings.gap, occurrences: &occurrences, events: &events) }
    openingRange.look(context, settings.openingRange, occurrences: &occurrences, events: &events)
  }

  private mutating func beginTrendSample(_ sessionTime: Int64) {
    trendSample = floorDivide(sessionTime, TrendFit.sampleNanos)
    let (end, overflow) = (trendSample + 1).multipliedReportingOverflow(by: TrendFit.sampleNanos)
    trendSampleEnd = overflow ? .max : end
  }

  private mutating func closeTrendSamples(
    _ context: TickContext, _ sessionTime: Int64, carried: Double, _ settings: CompiledSettings,
    _ events: inout [MarketEvent]
  ) {
    let gap = sessionTime &- lastTime
    let count = floorDivide(sessionTime, TrendFit.sampleNanos) &- trendSample
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
    // Bars have a place for every tick.
    guard session.isSameSession(as: segment), settings.barsNanos.isEmpty else { return QuietRange() }
    var range = QuietRange(
      watermark: watermark, goodTime: UnixNanos(lastTime &+ segment.breakNanos), price: filter.lastGood,
      windowVolume: activity.volume, secondVolume: activity.secondVolume, valueSum: valueSum, volumeSum: volumeSum,
      sessionEnd: segment.end)
    filter.narrow(&range, settings.filter)
    range.end(at: nanos(ofSessionTime: activity.secondEnd))
    extremes.narrow(&range)
    if settings.surge.enabled {
      surge.narrow(
        &range, base: activity.base, sigmaOfWindow: activity.sigma * settings.activity.squareRootOfWindow,
        meanVolume: activity.meanVolume, settings.surge)
    }
    if settings.volumeSpike.enabled {
      spike.narrow(&range, segment.session, meanVolume: activity.meanVolume, settings.volumeSpike)
    }
    if settings.trend.enabled { range.end(at: nanos(ofSessionTime: trendSampleEnd)) }
    if settings.openingRange.enabled { openingRange.narrow(&range, segment, settings.openingRange) }
    if settings.vwapCross.enabled { vwapCross.narrow(&range, settings.vwapCross) }
    return range
  }

  /// The time outside of the session, at which its own time stands so far; the ends of 64 bits stay where they are.
  private func nanos(ofSessionTime time: Int64) -> Int64 {
    let (sum, overflow) = time.addingReportingOverflow(segment.breakNanos)
    return overflow ? .max : sum
  }

  /// What quiet ticks have changed meanwhile.
  mutating func takeOver(_ range: QuietRange) {
    watermark = range.watermark
    activity.takeOver(range)
    valueSum = range.valueSum
    volumeSum = range.volumeSum
    guard range.tookGood else { return }
    lastTime = range.goodTime.nanoseconds &- segment.breakNanos
    filter.accept(price: range.price, time: range.goodTime)
    surge.quietTickCame()
  }

  // MARK: - Other settings

  /// The last answer of the calendar may not hold any more.
  mutating func forgetCalendar() {
    segment.end = segment.start
  }

  mutating func restartActivity(_ cells: inout [SecondCell], _ settings: CompiledSettings.Activity) {
    guard session.session != .closed else { return }
    activity.begin(second: activity.second, price: activity.price, volume: 0, cells: &cells, settings)
  }

  mutating func restartDetectors(from old: CompiledSettings, to new: CompiledSettings) {
    extremes.lookAgain()
    if !old.vwapCross.enabled { vwapCross = VwapCross() }
    if !old.surge.enabled { surge.quietTickCame() }
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
    snapshot.candidate = filter.candidate
    snapshot.candidateAlike = filter.alike
    snapshot.learnedPct = filter.learned(at: watermark, settings.filter)
    guard session.isSameSession(as: segment) else { return snapshot }
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
