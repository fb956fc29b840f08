internal import MarketData

/// Everything the bar detectors remember of one symbol's bars of one duration.
struct BarSeries: Equatable, Sendable {
  static let dayNanos: Int64 = 86_400_000_000_000

  let durationNanos: Int64
  /// The newest bar's start.
  private(set) var start = UnixNanos(.min)
  private(set) var previousClose = 0.0
  /// The newest bar's session.
  private(set) var segment = CalendarSegment(session: .closed, start: UnixNanos(0), end: UnixNanos(0))
  private var midnight = UnixNanos(0)
  private var dayEnd = UnixNanos(.min)
  private var hasBar = false
  private var volumeSpike = BarVolumeSpike()
  private var highLow = BarHighLow()
  private var aggregate = BarAggregate()

  init(durationNanos: Int64) { self.durationNanos = durationNanos }

  mutating func take(
    _ bar: Bar, _ settings: BarDetectorSettings, _ calendar: TradingCalendar, events: inout [MarketEvent]
  ) -> ItemOutcome {
    guard !hasBar || bar.start > start else { return .late }
    let before = segment
    let isFirst = !hasBar
    enter(bar.start, calendar)
    let context = BarContext(
      bar: bar, session: segment.session, previousClose: previousClose,
      continuesSession: !isFirst && before.start == segment.start && before.session == segment.session)
    hasBar = true
    start = bar.start
    previousClose = bar.close
    aggregate.prepare(durationNanos: durationNanos, settings.aggregate)
    aggregate.close(before: bar, events: &events)
    guard segment.session != .closed else { return .outOfSession }
    if settings.gap.enabled { BarGap.look(context, settings.gap, events: &events) }
    if settings.significantMove.enabled { BarMove.look(context, settings.significantMove, events: &events) }
    volumeSpike.look(context, settings.volumeSpike, events: &events)
    highLow.look(context, settings.highLow, events: &events)
    aggregate.add(bar, segment: segment, midnight: midnight, events: &events)
    return []
  }

  /// Finds the session of a bar's start. The calendar is asked only where the last answer ends.
  private mutating func enter(_ time: UnixNanos, _ calendar: TradingCalendar) {
    let isUnknown = time < midnight || time >= dayEnd
    if isUnknown {
      let day = calendar.day(at: time)
      midnight = day.start
      dayEnd = day.end
      if durationNanos >= Self.dayNanos { segment = day }
    }
    if durationNanos < Self.dayNanos, isUnknown || !segment.contains(time) { segment = calendar.segment(at: time) }
  }

  /// Sessions of another calendar: the last answers do not hold any more.
  mutating func forgetCalendar() { dayEnd = UnixNanos(.min) }
}
