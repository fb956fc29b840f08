internal import MarketData

/// Everything the bar detectors remember of one symbol's bars of one duration: a function of the bars that were final, each as it stands.
struct BarState: Equatable, Sendable {
  private(set) var previousClose = 0.0
  /// The newest bar's session, or CLOSED.
  private(set) var segment = CalendarSegment(session: .closed, start: UnixNanos(0), end: UnixNanos(0))
  /// The session of the newest bar that lay in one.
  private var session = CalendarSegment(session: .closed, start: UnixNanos(0), end: UnixNanos(0))
  /// The local midnight at or before the beginning of `segment`'s session.
  private var midnight = UnixNanos(0)
  private var knowsCalendar = false
  private var volumeSpike = BarVolumeSpike()
  private var highLow = BarHighLow()
  private var aggregate = BarAggregate()

  init() {}

  mutating func take(
    _ bar: Bar, firstEver: UnixNanos, _ settings: BarDetectorSettings, _ calendar: TradingCalendar,
    events: inout [MarketEvent]
  ) -> ItemOutcome {
    let last = segment
    enter(bar, calendar)
    let context = BarContext(
      bar: bar, session: segment.session, previousClose: previousClose,
      followsInSession: last.isSameSession(as: segment), continuesSession: session.isSameSession(as: segment))
    previousClose = bar.close
    aggregate.prepare(durationNanos: bar.durationNanos, settings.aggregate)
    aggregate.close(before: bar, events: &events)
    guard segment.session != .closed else { return .outOfSession }
    session = segment
    if settings.gap.enabled { BarGap.look(context, settings.gap, events: &events) }
    if settings.significantMove.enabled { BarMove.look(context, settings.significantMove, events: &events) }
    volumeSpike.look(context, settings.volumeSpike, events: &events)
    highLow.look(context, settings.highLow, events: &events)
    aggregate.add(bar, segment: segment, midnight: midnight, firstEver: firstEver, events: &events)
    return []
  }

  /// Finds the session of a bar's start. The calendar is asked only where the last answer ends.
  private mutating func enter(_ bar: Bar, _ calendar: TradingCalendar) {
    guard !knowsCalendar || !segment.contains(bar.start) else { return }
    knowsCalendar = true
    if bar.durationNanos >= BarSeries.dayNanos {
      segment = calendar.day(at: bar.start)
      midnight = segment.start
    } else {
      segment = calendar.segment(at: bar.start)
      midnight = calendar.day(at: segment.sessionStart).start
    }
  }

  /// Sessions of another calendar: the last answers do not hold any more.
  mutating func forgetCalendar() { knowsCalendar = false }
}
